"""The JSON Schemas say what the models say, as far as JSON Schema can."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bpc.model.datasets import AnyDataset
from bpc.model.documents import KINDS
from bpc.model.editor_schema import editor_project_schema, editor_schema
from bpc.model.json_schema import project_schema, schema_json, strict_schema
from bpc.model.project import Project
from bpc.model.reading import read_document
from bpc.source import Document, parse

CORPUS = Path(__file__).parents[2] / "corpus"
STRICT, EDITOR = strict_schema(), editor_schema()
CHECKS = {
    "strict": jsonschema.Draft202012Validator(STRICT),
    "editor": jsonschema.Draft7Validator(EDITOR),
}
BEYOND_SCHEMA = {"impossible-day"}
"""What no schema can say: that a month has no such day."""


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("path", sorted((CORPUS / "good").glob("*.yaml")), ids=lambda p: p.stem)
def test_good_documents_fit(name: str, path: Path) -> None:
    for document in parse(path.read_bytes(), path.name).documents:
        assert list(CHECKS[name].iter_errors(document.data)) == []


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("path", sorted((CORPUS / "bad").glob("*.yaml")), ids=lambda p: p.stem)
def test_bad_documents_do_not_fit_unless_no_schema_could_tell(name: str, path: Path) -> None:
    (document,) = parse(path.read_bytes(), path.name).documents
    fits = CHECKS[name].is_valid(document.data)
    assert fits == (path.stem in BEYOND_SCHEMA)


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(STRICT)
    jsonschema.Draft202012Validator.check_schema(project_schema())
    jsonschema.Draft7Validator.check_schema(EDITOR)
    jsonschema.Draft7Validator.check_schema(editor_project_schema())


def nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(n for each in value.values() for n in nodes(each))]
    if isinstance(value, list):
        return [n for each in value for n in nodes(each)]
    return []


def test_editors_are_spared_what_misleads_them() -> None:
    for node in nodes(EDITOR):
        assert "prefixItems" not in node
        assert "discriminator" not in node
        assert node.get("type") != "null"
        assert "default" not in node or node["default"] is not None
    assert "$defs" not in EDITOR


def test_every_key_that_an_editor_offers_is_described() -> None:
    models = [node for node in nodes(EDITOR) if node.get("additionalProperties") is False]
    assert len(models) > 60
    for node in models:
        for key, value in node["properties"].items():
            assert value.get("markdownDescription"), key
            assert value.get("title") == key or "$ref" in value, key


def test_choices_are_explained_one_by_one() -> None:
    volumes = EDITOR["definitions"]["Namespaces"]["properties"]["volumes"]  # type: ignore[index]
    told = dict(zip(volumes["enum"], volumes["markdownEnumDescriptions"], strict=True))
    assert "dies with that system" in told["snapshot"]
    assert all(told.values())


def inserted(value: Any) -> Any:
    """Return what an editor inserts for a snippet whose holes are all left as they are."""
    if isinstance(value, dict):
        return {key: inserted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [inserted(each) for each in value]
    text = re.sub(r"\$\{\d+[|:]([^,|}]*)[^}]*\}", r"\1", value)
    return next(iter(parse(f"v: {text}".encode(), "s").documents)).data["v"]


def holes(value: object) -> list[int]:
    return sorted(int(number) for number in re.findall(r"\$\{(\d+)", str(value)))


def test_there_is_a_snippet_for_each_kind_and_it_is_a_document() -> None:
    snippets: Any = EDITOR["defaultSnippets"]
    assert [each["label"] for each in snippets] == list(KINDS)
    for each in snippets:
        data = inserted(each["body"])
        model, findings = read_document(Document("s", 0, data, None))  # type: ignore[arg-type]
        assert findings == []
        assert type(model) is KINDS[each["label"]]
        assert holes(each["body"]) == list(range(1, len(holes(each["body"])) + 1))


def test_there_is_a_snippet_for_each_type_of_dataset_and_it_is_one() -> None:
    definitions: Any = EDITOR["definitions"]
    adapter: TypeAdapter[object] = TypeAdapter(AnyDataset)
    found = {}
    for node in definitions.values():
        for each in node.get("defaultSnippets", ()):
            found[each["label"]] = adapter.validate_python(inserted(each["body"]))
            assert holes(each["body"]) == list(range(1, len(holes(each["body"])) + 1))
    assert {type(each) for each in found.values()} == set(get_args(get_args(AnyDataset)[0]))


def test_a_pattern_is_explained_in_words() -> None:
    patterns = [node for node in nodes(EDITOR) if isinstance(node.get("pattern"), str)]
    assert len(patterns) > 100
    assert all(node["patternErrorMessage"] for node in patterns)
    assert all("patternErrorMessage" not in node for node in nodes(STRICT))
    assert all("discriminator" not in node for node in nodes(STRICT))


def test_defaults_are_written_as_in_a_policy() -> None:
    hook: Any = EDITOR["definitions"]["HookCommand"]["properties"]  # type: ignore[index]
    assert hook["timeout"]["default"] == "30s"
    assert "Default: `30s`" in hook["timeout"]["markdownDescription"]


def test_schemas_and_pages_are_the_same_under_every_hash_seed() -> None:
    program = (
        "from bpc.model.editor_schema import editor_schema\n"
        "from bpc.model.json_schema import schema_json, strict_schema\n"
        "from bpc.model.reference import pages\n"
        "print(schema_json(strict_schema()), schema_json(editor_schema()), pages())"
    )
    written = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert written[0] == written[1]
    assert schema_json(STRICT).encode() in written[0]


GOOD = [
    document.data
    for path in sorted((CORPUS / "good").glob("*.yaml"))
    for document in parse(path.read_bytes(), path.name).documents
]
VALIDATOR = jsonschema_rs.validator_for(STRICT)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return each value below this one, as its holder and its key or index."""
    if not isinstance(value, dict | list):
        return []
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    return [p for step, each in steps for p in [(value, step), *places(each)]]


KEYS = sorted({step for data in GOOD for _, step in places(data) if isinstance(step, str)})
SCALARS = sorted(
    {
        holder[step]
        for data in GOOD
        for holder, step in places(data)
        if isinstance(holder[step], str)
    }
)
# Without days that a month does not have, and numbers such as 5.0, which JSON Schema takes for whole.
VALUES = st.recursive(
    st.sampled_from(SCALARS)
    | st.sampled_from(["", "a\n", "A", "-a", "a--b", "x" * 64, "x" * 254, "0m", "1Gi", "5432", "/"])
    | st.sampled_from([None, True, False, 0, -1, 1.5, 10**6]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=500)
@given(st.sampled_from(GOOD), st.data())
def test_the_strict_schema_and_the_models_agree(
    good: dict[str, object], data: st.DataObject
) -> None:
    document = copy.deepcopy(good)
    for _ in range(data.draw(st.integers(1, 2))):
        holder, step = data.draw(st.sampled_from(places(document)))
        match data.draw(st.sampled_from(["replace", "add", "remove"])):
            case "remove":
                del holder[step]
            case "add" if isinstance(holder, dict):
                holder[data.draw(st.sampled_from(KEYS))] = data.draw(VALUES)
            case _:
                holder[step] = data.draw(VALUES)
        if not places(document):
            break
    model, _ = read_document(Document("p", 0, document, None))  # type: ignore[arg-type]
    assert VALIDATOR.is_valid(document) == (model is not None)


@pytest.mark.parametrize(
    "project",
    [
        {},
        {"output": "out", "policies": ["a/b"], "rules": {"rpo-not-met": "warning"}},
        {"output": "/out"},
        {"output": "../out"},
        {"rules": {"RPO": "off"}},
        {"rules": {"BPC301": "loud"}},
        {"requires": ">=0.1,<0.2"},
        {"requires": "about 1"},
        {"runbooks": {"languages": []}},
        {"outptu": "out"},
    ],
)
def test_the_schemas_of_the_project_file_agree_with_its_model(project: dict[str, object]) -> None:
    data = {"apiVersion": "bpc/v1", "kind": "Project", **project}
    try:
        fits = bool(Project.model_validate(data))
    except ValidationError:
        fits = False
    assert jsonschema.Draft202012Validator(project_schema()).is_valid(data) == fits
    assert jsonschema.Draft7Validator(editor_project_schema()).is_valid(data) == fits
