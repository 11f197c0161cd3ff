"""Values of the wrong type: what was wanted, in words, and how to write it in YAML."""

from __future__ import annotations

import re

from bpc.model.shape import Choice, Listing, Record, Scalar, Shape, Table, Variants, keys, records
from bpc.model.words import listed

Cure = tuple[str, str | int | bool | None]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,40}\Z")
_WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
_SPELLINGS = {
    **dict.fromkeys(("true", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "no", "n", "off"), False),
}
_SCALARS: dict[type, str] = {str: "text", int: "a whole number", bool: "`true` or `false`"}


def accepted(shape: Shape | None) -> str:
    """Return in words what type of value a shape takes."""
    match shape:
        case Scalar(type=kind):
            return _SCALARS.get(kind, "text")
        case Choice(values=values):
            return listed(values)
        case Listing():
            return "a list"
        case Record(short=Scalar()):
            return "a name or a mapping"
        case Variants(by="", branches=branches):
            return " or ".join(accepted(branch) for branch in branches.values())
        case _:
            return "a mapping"


def type_of(value: object) -> str:
    """Return the type of a value in the words of YAML."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def advise(shape: Shape | None, value: object) -> Cure:
    """Return how to write what a shape takes, and a new value where one is clearly meant."""
    match shape:
        case Scalar(type=kind) if kind is bool:
            return _flag(value)
        case Scalar(type=kind) if kind is int:
            return _number(value)
        case Scalar():
            return _text(value)
        case Listing():
            return _list(value)
        case Variants(by="", branches=branches):
            first = next(iter(branches.values()))
            return advise(first, value)
        case _:
            return _mapping(shape, value)


def _text(value: object) -> Cure:
    if isinstance(value, bool | int | float):
        return "write it in quotes", None
    return "write a single text", None


def _number(value: object) -> Cure:
    if isinstance(value, str) and _WHOLE.match(value):
        return "write it without quotes", int(value)
    return "write a whole number", None


def _flag(value: object) -> Cure:
    meant = _SPELLINGS.get(value.lower()) if isinstance(value, str) else None
    if meant is None:
        return "write `true` or `false`", None
    return f"write `{str(meant).lower()}`", meant


def _list(value: object) -> Cure:
    if isinstance(value, str) and _PLAIN.match(value):
        return f"write `[{value}]`", None
    if isinstance(value, dict):
        return "begin each entry with `- `", None
    return "write a list, with each entry after `- `", None


def _mapping(shape: Shape | None, value: object) -> Cure:
    begin = "write keys and values"
    if isinstance(shape, Record | Variants):
        model = next(model for _, model in records(shape))
        names = [key.name for key in keys(model).values()]
        needed = [key.name for key in keys(model).values() if key.required]
        begin = f"write a mapping with keys such as {listed((needed or names)[:3])}"
    if isinstance(value, list) and not isinstance(shape, Table):
        return f"{begin}, without `- ` before them", None
    return begin, None
