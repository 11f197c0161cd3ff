from __future__ import annotations

import jsonschema_rs
import pytest

from bpc.validate.shapes import FLAG, LABELS, TEXT, Leaf, closed, compiled, everywhere, one_of, text

SHAPE = {"name!": TEXT, "tags": [TEXT], "limits": {"run!": FLAG, "late": one_of("a", "b")}}


def test_a_shape_becomes_a_schema_that_allows_nothing_else() -> None:
    assert closed(SHAPE, everywhere) == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "limits": {
                "type": "object",
                "properties": {
                    "run": {"type": "boolean"},
                    "late": {"type": "string", "enum": ["a", "b"]},
                },
                "required": ["run"],
                "additionalProperties": False,
            },
        },
        "required": ["name"],
        "additionalProperties": False,
    }


def test_a_field_that_is_not_served_is_neither_allowed_nor_required() -> None:
    schema = closed(SHAPE, lambda path: path not in {("limits", "run"), ("tags",)})
    check = compiled(schema).is_valid
    assert check({"name": "x", "limits": {}})
    assert not check({"name": "x", "tags": []})
    assert not check({"name": "x", "limits": {"run": True}})


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        ({}, True),
        ({"a": "b"}, True),
        ({"a b": "c"}, False),
        ({"a": "b c"}, False),
        ({"a": 1}, False),
    ],
)
def test_labels_are_judged_key_and_value(labels: dict[str, object], verdict: bool) -> None:
    assert compiled(closed(LABELS, everywhere)).is_valid(labels) is verdict


def test_a_format_that_nobody_defined_cannot_be_named() -> None:
    with pytest.raises(jsonschema_rs.ValidationError, match="Unknown format"):
        compiled(closed({"x": text("no-such-format")}, everywhere))


def test_a_leaf_is_copied_so_that_no_schema_changes_another() -> None:
    leaf = Leaf({"type": "string"})
    first = closed(leaf, everywhere)
    first["type"] = "integer"
    assert closed(leaf, everywhere) == {"type": "string"}
