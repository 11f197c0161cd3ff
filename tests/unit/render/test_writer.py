from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bpc.render import dump, dump_one, header
from bpc.render.values import Data

LINT = "{extends: default, rules: {line-length: disable, document-start: disable}}"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


def read_1_1(text: str) -> object:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def read_1_2(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def kubectl(*arguments: str, text: str = "") -> str:
    if not shutil.which("kubectl"):
        pytest.skip("needs kubectl: how Go reads what is written")
    done = subprocess.run(
        ["kubectl", *arguments], input=text, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def config_map(data: dict[str, Data]) -> Data:
    metadata: Data = {"name": "hostile"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.fixture(scope="module")
def corpus(hostile: list[str]) -> Data:
    return {"values": list[Data](hostile), "keys": {text: i for i, text in enumerate(hostile)}}


def test_layout_is_canonical() -> None:
    data: Data = {
        "kind": "Job",
        "list": [
            {"name": "a", "on": True},
            {"deep": {"x": 1}},
            ["p", ["q"]],
            "s",
            [],
            {},
            "l\nm\n",
        ],
        "empty": {},
        "none": [],
        "script": "#!/bin/sh\nrun\n",
        "version": "1.17",
        "zero": 0,
    }
    assert dump_one(data) == (
        "kind: Job\n"
        "list:\n"
        "  - name: a\n"
        '    "on": true\n'
        "  - deep:\n"
        "      x: 1\n"
        "  - - p\n"
        "    - - q\n"
        "  - s\n"
        "  - []\n"
        "  - {}\n"
        "  - |\n"
        "    l\n"
        "    m\n"
        "empty: {}\n"
        "none: []\n"
        "script: |\n"
        "  #!/bin/sh\n"
        "  run\n"
        'version: "1.17"\n'
        "zero: 0\n"
    )


def test_key_order_is_kept() -> None:
    assert dump_one({"b": 1, "a": 2}) == "b: 1\na: 2\n"


def test_documents_are_separated() -> None:
    assert dump([{"a": 1}, ["x\ny\n"], {}]) == "a: 1\n---\n- |\n  x\n  y\n---\n{}\n"
    assert dump([]) == ""


@pytest.mark.parametrize("data", [{}, [], "text", "two\nlines\n", 7, None, ["a", "b"]])
def test_any_data_can_be_a_document(data: Data) -> None:
    assert read_1_1(dump_one(data)) == read_1_2(dump_one(data)) == data


def test_the_corpus_is_large_and_contains_the_known_traps(hostile: list[str]) -> None:
    assert len(hostile) >= 5000
    traps = {
        "yes",
        "0400",
        "12:30:45",
        "=",
        "<<",
        "~",
        "?",
        "- a",
        "a: b",
        "{{7*7}}",
        "${X}",
        "$(X)",
    }
    assert traps <= set(hostile)


def test_yaml_1_1_reads_every_hostile_text_as_written(corpus: Data) -> None:
    assert read_1_1(dump_one(corpus)) == corpus


def test_yaml_1_2_reads_every_hostile_text_as_written(corpus: Data) -> None:
    assert read_1_2(dump_one(corpus)) == corpus


def test_kubectl_reads_every_hostile_text_as_written(hostile: list[str]) -> None:
    values = {f"value-{i}": text for i, text in enumerate(hostile)}
    keys = dict.fromkeys(hostile, "key")
    text = dump_one(config_map({**values, **keys}))
    read = json.loads(kubectl("label", "--local", "-f", "-", "a=b", "-o", "json", text=text))
    assert read["data"] == {**values, **keys}


def test_yamllint_finds_nothing_in_the_corpus(corpus: Data) -> None:
    # In a process of its own: loading yamllint changes what PyYAML takes for a number.
    result = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", "-d", LINT, "-"],
        input=dump_one(corpus),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_kustomize_keeps_blocks_as_blocks(tmp_path: Path) -> None:
    script = "#!/bin/sh\nset -eu\n\nif true; then\n  echo 'a: b' # c\nfi\n"
    (tmp_path / "map.yaml").write_text(dump_one(config_map({"run.sh": script, "flag": "y"})))
    (tmp_path / "kustomization.yaml").write_text(dump_one({"resources": ["map.yaml"]}))
    built = kubectl("kustomize", str(tmp_path))
    assert "  run.sh: |\n    #!/bin/sh\n" in built
    assert yaml.safe_load(built)["data"] == {"run.sh": script, "flag": "y"}


@settings(max_examples=700)
@given(DATA)
def test_what_is_read_back_equals_what_was_written_and_writes_the_same(data: Data) -> None:
    text = dump_one(data)
    assert read_1_1(text) == read_1_2(text) == data
    assert dump_one(data) == text


@settings(max_examples=300)
@given(TEXT, TEXT)
def test_whitespace_at_every_edge_survives(left: str, right: str) -> None:
    data: Data = {
        "a": f"{left}\n {right}\n",
        "b": [f"\n{left}", f"{right}\n\n"],
        left: {right: left},
    }
    assert read_1_1(dump_one(data)) == read_1_2(dump_one(data)) == data


def test_a_repeated_object_is_written_twice_and_not_as_an_alias() -> None:
    labels: Data = {"a": "b"}
    assert dump_one({"x": labels, "z": labels}) == "x:\n  a: b\nz:\n  a: b\n"


def test_the_header_says_who_wrote_the_file_and_what_to_do() -> None:
    assert header("policies/shop.yaml") == (
        "# Code generated by bpc from policies/shop.yaml. DO NOT EDIT.\n"
        "# Change the policy, then run: bpc build\n"
    )


@pytest.mark.parametrize(
    "path", ["a\nkind: Secret", "a\u2028b", "a\x85b", "a\udc80b", "订单\u202e.yaml"]
)
def test_no_path_leaves_the_header(path: str) -> None:
    text = header(path)
    assert text.isascii() or "订单" in text
    assert [line[0] for line in text.splitlines()] == ["#", "#"]
    assert read_1_1(text + "a: 1\n") == {"a": 1}
