"""Closed models of custom resources, written as small tables.

A shape is a leaf, a list of one shape, or a mapping of fields; `!` after the name of a field means
that it is required. A field that the release at hand does not serve is left out, and nothing that is not
in the table is allowed: the API server would drop it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import jsonschema_rs

from bpc.validate.formats import FORMATS

Schema: TypeAlias = dict[str, object]
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that has no fields of its own: its JSON Schema."""

    schema: Mapping[str, object]


Shape: TypeAlias = "Leaf | list[Shape] | Mapping[str, Shape]"


def text(format_name: str = "") -> Leaf:
    """Return the shape of a string in one of the formats of `bpc.validate.formats`."""
    return Leaf({"type": "string", "format": format_name} if format_name else {"type": "string"})


def one_of(*values: str) -> Leaf:
    """Return the shape of a string that is one of `values`."""
    return Leaf({"type": "string", "enum": list(values)})


TEXT = text()
NON_EMPTY = Leaf({"type": "string", "minLength": 1})
FLAG = Leaf({"type": "boolean"})
COUNT = Leaf({"type": "integer", "minimum": 0})
OPEN = Leaf({"type": "object"})
TEXT_MAP = Leaf({"type": "object", "additionalProperties": {"type": "string"}})
LABELS = Leaf(
    {
        "type": "object",
        "propertyNames": {"format": "label-key"},
        "additionalProperties": {"type": "string", "format": "label-value"},
    }
)
COMMAND = Leaf({"type": "array", "items": {"type": "string"}, "minItems": 1})
SELECTOR: Shape = {
    "matchLabels": LABELS,
    "matchExpressions": [
        {
            "key!": text("label-key"),
            "operator!": one_of("In", "NotIn", "Exists", "DoesNotExist"),
            "values": [text("label-value")],
        }
    ],
}


def everywhere(_: Path) -> bool:
    """Serve every field."""
    return True


def closed(shape: Shape, serves: Callable[[Path], bool], path: Path = ()) -> Schema:
    """Return the JSON Schema that allows what `shape` holds and `serves` lets through, and no more."""
    if isinstance(shape, Leaf):
        return dict(shape.schema)
    if isinstance(shape, list):
        return {"type": "array", "items": closed(shape[0], serves, path)}
    fields = {key.rstrip("!"): (key.endswith("!"), below) for key, below in shape.items()}
    served = {name: field for name, field in fields.items() if serves((*path, name))}
    return {
        "type": "object",
        "properties": {
            name: closed(below, serves, (*path, name)) for name, (_, below) in served.items()
        },
        "required": [name for name, (required, _) in served.items() if required],
        "additionalProperties": False,
    }


def compiled(schema: Schema) -> jsonschema_rs.Validator:
    """Compile a schema with the formats that no custom resource definition knows."""
    return jsonschema_rs.Draft202012Validator(
        schema,
        validate_formats=True,
        ignore_unknown_formats=False,
        formats={name: rule.holds for name, rule in FORMATS.items()},
    )
