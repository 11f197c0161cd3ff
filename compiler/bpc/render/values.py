"""What a value in a manifest may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from bpc.diagnostics import Pointer

Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | bool | None"

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000\ue001]")


class RefusedValueError(ValueError):
    """A value that is not plain manifest data; `path` leads to the part at fault."""

    def __init__(self, message: str, path: Pointer = ()) -> None:
        self.message, self.path = message, path
        super().__init__(f"at `{'.'.join(map(str, path))}`: {message}" if path else message)


def plain(value: object) -> Data:
    """Copy a value into dicts, lists, str, int and bool, leaving out every None, as Kubernetes would.

    Anything else is refused: floats and bytes read differently from parser to parser, a set has no
    order, and a control character survives neither kustomize nor a review.
    """
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, dict | Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return _sequence(value)
    raise RefusedValueError(f"`{type(value).__name__}` is not manifest data")


def _text(value: str) -> str:
    text = value if type(value) is str else str.__str__(value)
    if not text.isprintable() and (fault := _UNFIT.search(text)):
        raise RefusedValueError(f"text holds the character `U+{ord(fault[0]):04X}`")
    return text


def _integer(value: int) -> int:
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise RefusedValueError(f"integer `{number}` needs more than 64 bits")
    return number


def _mapping(value: Mapping[object, object]) -> Data:
    result: dict[str, Data] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise RefusedValueError(f"key `{key!r}` is not text")
        if item is None:
            continue
        try:
            result[_text(key)] = plain(item)
        except RefusedValueError as error:
            raise RefusedValueError(error.message, (key, *error.path)) from None
    return result


def _sequence(value: list[object] | tuple[object, ...]) -> Data:
    result: list[Data] = []
    for index, item in enumerate(value):
        if item is None:
            continue
        try:
            result.append(plain(item))
        except RefusedValueError as error:
            raise RefusedValueError(error.message, (index, *error.path)) from None
    return result
