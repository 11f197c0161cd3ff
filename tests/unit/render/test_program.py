"""What is left out when a value is None, and what stays."""

from __future__ import annotations

import pytest

from bpc.render import Renderer, TemplateError, dump_one
from tests.unit.render.conftest import Library

LEFT_OUT = {
    "key": ("a: {{ n }}\nb: 1\n", {"b": 1}),
    "key at the end": ("b: 1\na: {{ n }}\n", {"b": 1}),
    "item": ("a:\n  - {{ n }}\n  - x\n", {"a": ["x"]}),
    "first key of an item": ("a:\n  - b: {{ n }}\n    c: 1\n", {"a": [{"c": 1}]}),
    "computed key": ("b: 1\n{{ k }}: {{ n }}\n", {"b": 1}),
    "mapping whose entries are all left out": ("a:\n  b: {{ n }}\n  c: {{ n }}\nd: 1\n", {"d": 1}),
    "mapping around such a mapping": ("a:\n  b:\n    c: {{ n }}\nd: 1\n", {"d": 1}),
    "item that is such a mapping": ("a:\n  - b: {{ n }}\n  - c\n", {"a": ["c"]}),
    "item between others": (
        "a:\n  - x: 1\n  - b: {{ n }}\n  - z: 1\n",
        {"a": [{"x": 1}, {"z": 1}]},
    ),
    "computed keys": ("a:\n  {{ k }}: {{ n }}\nd: 1\n", {"d": 1}),
    "mapping that a loop left empty": (
        "a:\n{% for x in [] %}\n  b: 1\n{% endfor %}\nd: 1\n",
        {"d": 1},
    ),
    "key without a value": ("a:\nd: 1\n", {"d": 1}),
    "item without a value": ("a:\n  -\n  - x\n", {"a": ["x"]}),
    "empty mapping around empty keys": ("a:\n  b:\nd: 1\n", {"d": 1}),
    "none inside a value": ("a: {{ {'x': n, 'y': [n, 1]} }}\n", {"a": {"y": [1]}}),
    "fragment that comes out empty": ("a: {{ fragment('f', n=n) }}\nd: 1\n", {"d": 1}),
}
KEPT = {
    "written empty mapping": ("a: {}\n", {"a": {}}),
    "written empty list": ("a: []\n", {"a": []}),
    "list whose items are all left out": ("a:\n  - {{ n }}\nd: 1\n", {"a": [], "d": 1}),
    "list in a list": ("a:\n  - - {{ n }}\n", {"a": [[]]}),
    "mapping around such a list": ("a:\n  b:\n    - {{ n }}\n", {"a": {"b": []}}),
    "empty mapping that is a value": ("a: {{ {} }}\n", {"a": {}}),
    "empty list that is a value": ("a: {{ [] }}\n", {"a": []}),
    "empty text": ("a: {{ '' }}\nb: ''\n", {"a": "", "b": ""}),
    "false and zero": ("a: {{ false }}\nb: {{ 0 }}\n", {"a": False, "b": 0}),
    "written null": ("a: null\n", {"a": None}),
    "value emptied by none": ("a: {{ {'x': n} }}\n", {"a": {}}),
}


@pytest.mark.parametrize("name", [*LEFT_OUT, *KEPT])
def test_none_leaves_out_what_would_be_empty_and_nothing_else(library: Library, name: str) -> None:
    text, data = {**LEFT_OUT, **KEPT}[name]
    manifest = Renderer(library({"t": text, "f": "x: {{ n }}\n"})).manifest("t", n=None, k="key")
    assert manifest.data == data
    assert manifest.text == dump_one(data)


def test_a_manifest_with_nothing_left_is_refused(library: Library) -> None:
    with pytest.raises(TemplateError, match="a manifest is a mapping with something in it"):
        Renderer(library({"t": "a: {{ n }}\nb:\n"})).manifest("t", n=None)


def test_manifests_of_one_shape_share_nothing_that_can_change(library: Library) -> None:
    renderer = Renderer(library({"t": "a: {b: [1, {c: 2}]}\nd: {{ v }}\n"}))
    labels = {"x": ["y"]}
    first = renderer.manifest("t", v=labels)
    first.data["a"] = first.data["d"] = "changed"
    inner = renderer.manifest("t", v=labels).data["a"]
    assert isinstance(inner, dict)
    inner["b"] = "changed"
    assert renderer.manifest("t", v=labels).data == {"a": {"b": [1, {"c": 2}]}, "d": labels}
    assert labels == {"x": ["y"]}


def test_more_holes_than_are_prepared(library: Library) -> None:
    text = "a:\n{% for x in v %}\n  - k{{ x }}: {{ x }}\n{% endfor %}\n"
    data = Renderer(library({"t": text})).manifest("t", v=range(400)).data
    assert data == {"a": [{f"k{x}": x} for x in range(400)]}
