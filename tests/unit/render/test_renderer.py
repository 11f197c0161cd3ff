from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bpc.render import Renderer, TemplateError, dump_one
from tests.unit.render.conftest import Library

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ue000\ue001")
    | st.sampled_from(" \t\n:#-?{}[]'\"|>&*!%@`,=~$"),
    max_size=12,
)
DATA = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

EVERYWHERE = """\
x:
  whole: {{ a }}
  text: p-{{ b }}-s
  quoted: "{{ c }}"
  block: |-
    {{ b }}
  list:
    - {{ b }}
    - item: {{ a }}
      maybe: {{ d }}
    - - {{ d }}
      - {{ c }}
  p-{{ c }}: {flow: [{{ b }}, {{ a }}]}
  constant:
    - {a: 1}
{% if d is none %}
  absent: true
{% endif %}
"""


def everywhere(a: object, b: str, c: str, d: object) -> dict[str, object]:
    """Build, without templates, what EVERYWHERE must come to."""
    maybe = {} if d is None else {"maybe": d}
    inner: dict[str, object] = {
        "whole": a,
        "text": f"p-{b}-s",
        "quoted": c,
        "block": b,
        "list": [b, {"item": a, **maybe}, [*([] if d is None else [d]), c]],
        f"p-{c}": {"flow": [b, a]},
        "constant": [{"a": 1}],
    }
    return {"x": {**inner, **({"absent": True} if d is None else {})}}


@settings(max_examples=800)
@given(a=DATA, b=TEXT, c=TEXT, d=st.none() | DATA)
def test_values_never_change_the_structure(
    library: Library, a: object, b: str, c: str, d: object
) -> None:
    manifest = RENDERERS.setdefault("everywhere", Renderer(library({"t": EVERYWHERE}))).manifest(
        "t", a=a, b=b, c=c, d=d
    )
    assert manifest.data == everywhere(a, b, c, d)
    assert manifest.text == dump_one(manifest.data)
    assert yaml.load(manifest.text, Loader=yaml.CSafeLoader) == manifest.data
    assert YAML(typ="safe", pure=True).load(manifest.text) == manifest.data


RENDERERS: dict[str, Renderer] = {}


def test_every_hostile_text_lands_where_it_was_put(library: Library, hostile: list[str]) -> None:
    renderer = Renderer(library({"t": EVERYWHERE}))
    for text in hostile:
        manifest = renderer.manifest("t", a={text: text}, b=text, c=text, d=[text])
        assert manifest.data == everywhere({text: text}, text, text, [text])
        assert manifest.text == dump_one(manifest.data)


def test_text_is_canonical_and_in_the_order_of_the_template(library: Library) -> None:
    text = "kind: Job\nspec:\n  list: [{{ v }}, {b: {{ w }}, a: 1}]\n  image: {{ r }}/x:{{ t }}\n"
    manifest = Renderer(library({"t": text})).manifest("t", v="on", w=None, r="r.io", t="1.0")
    assert manifest.text == (
        "kind: Job\n"
        "spec:\n"
        "  list:\n"
        '    - "on"\n'
        "    - a: 1\n"
        "  image: r.io/x:1.0\n"
    )  # fmt: skip


@pytest.mark.parametrize("canary", ["{{7*7}}", "{% raw %}", "${{x}}", "{# c #}", "{{ v }}"])
def test_a_value_is_never_a_template(library: Library, canary: str) -> None:
    renderer = Renderer(library({"t": "a: {{ v }}\nb: x{{ v }}\n"}))
    assert renderer.manifest("t", v=canary).data == {"a": canary, "b": f"x{canary}"}


@pytest.mark.parametrize("value", ["\x00", "a\rb", "\x1b[31m", "\x85", "\ud800", "\ue0000\ue001"])
@pytest.mark.parametrize(
    "text", ["a: {{ v }}\n", "a: x{{ v }}\n", "{{ v }}: 1\n", "a: {{ [v] }}\n"]
)
def test_text_that_cannot_be_delivered_is_refused_by_place(
    library: Library, text: str, value: str
) -> None:
    with pytest.raises(TemplateError, match=r"^t.*: text holds the character `U\+"):
        Renderer(library({"t": text})).manifest("t", v=value)


def test_a_fragment_is_data_and_needs_no_indentation(library: Library) -> None:
    files = {
        "t": "a:\n  - b: {{ fragment('_shared/f.yaml.j2', user=7) }}\n",
        "_shared/f.yaml.j2": "deep:\n  user: {{ user }}\n  drop: [ALL]\n",
    }
    manifest = Renderer(library(files)).manifest("t")
    assert manifest.data == {"a": [{"b": {"deep": {"user": 7, "drop": ["ALL"]}}}]}


@pytest.mark.parametrize(
    ("fragment", "data"),
    [("- {{ v }}\n- x\n", ["y", "x"]), ("{{ v }}\n", "y"), ("p{{ v }}\n", "py")],
)
def test_a_fragment_may_be_any_data(library: Library, fragment: str, data: object) -> None:
    files = {"t": "a: {{ fragment('f', v='y') }}\n", "f": fragment}
    assert Renderer(library(files)).manifest("t").data == {"a": data}


def test_a_fragment_sees_only_what_it_is_given(library: Library) -> None:
    files = {"t": "a: {{ fragment('f') }}\n", "f": "b: {{ v }}\n"}
    with pytest.raises(TemplateError, match=r"^f: line 1: 'v' is undefined"):
        Renderer(library(files)).manifest("t", v=1)


def test_fragments_do_not_mix_their_holes(library: Library) -> None:
    files = {
        "t": "a: {{ x }}\nb: {{ fragment('f', v=x) }}\nc: {{ y }}\n",
        "f": "p: {{ v }}\nq: {{ v }}\n",
    }
    manifest = Renderer(library(files)).manifest("t", x=1, y=2)
    assert manifest.data == {"a": 1, "b": {"p": 1, "q": 1}, "c": 2}


def test_documents_in_strings(library: Library) -> None:
    text = "json: {{ json_text({'a': [v]}) }}\nyaml: {{ yaml_text({'a': [v]}) }}\n"
    manifest = Renderer(library({"t": text})).manifest("t", v="on")
    assert manifest.data == {"json": '{\n  "a": [\n    "on"\n  ]\n}\n', "yaml": 'a:\n  - "on"\n'}


def test_a_refused_value_inside_a_function_names_the_template(library: Library) -> None:
    with pytest.raises(TemplateError, match=r"^t at `x`: `float` is not manifest data"):
        Renderer(library({"t": "a: {{ json_text({'x': v}) }}\n"})).manifest("t", v=0.5)


def test_templates_of_a_directory_render_as_those_of_a_zip(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "t").write_text(EVERYWHERE)
    values = {"a": {"k": 1}, "b": "b", "c": "c", "d": None}
    zipped = Renderer(library({"t": EVERYWHERE})).manifest("t", **values)
    assert Renderer(tmp_path).manifest("t", **values) == zipped
