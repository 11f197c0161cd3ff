"""Reading manifests strictly: whoever reads an object names every field that it implements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(m|k|M|G|T|Ki|Mi|Gi|Ti|[eE][0-9]+)?")
_UNITS = {
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
}


class Unsupported(Exception):  # noqa: N818 -- it reads as what it says of the manifest
    """A manifest that this kubelet cannot honour, or that an API server would reject."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def quantity(value: object, path: str) -> Decimal:
    """Return a Kubernetes quantity in its base unit (bytes, or cores)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unsupported(path, f"`{value}` is not a quantity")
    number, suffix = match.groups()
    if suffix and suffix not in _UNITS:
        return Decimal(number + suffix)
    return Decimal(number) * _UNITS.get(suffix or "", Decimal(1))


class Fields:
    """One object of a manifest. A field that was not asked for by the end of `with` is refused."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise Unsupported(path, "must be an object")
        # To an API server a null is an absent field.
        self._rest = {str(key): item for key, item in value.items() if item is not None}
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._rest:
            raise Unsupported(self.at(min(self._rest)), "not implemented")

    def at(self, key: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, why: str) -> None:
        """Refuse a field, if it is there."""
        if key in self._rest:
            raise Unsupported(self.at(key), why)

    def has(self, key: str) -> bool:
        """Tell whether a field is there and still unread."""
        return key in self._rest

    def take(self, key: str) -> object:
        """Return any value, which must be there."""
        if key not in self._rest:
            raise Unsupported(self.at(key), "is required")
        return self._rest.pop(key)

    def nested(self, key: str) -> Fields:
        """Return a nested object; an absent one is empty."""
        return Fields(self._rest.pop(key, {}), self.at(key))

    def raw(self, key: str) -> Mapping[str, object]:
        """Return an object that is only recorded."""
        value = self._rest.pop(key, {})
        if not isinstance(value, Mapping):
            raise Unsupported(self.at(key), "must be an object")
        return value

    def items(self, key: str) -> list[tuple[str, object]]:
        """Return the items of a list, each with its path; an absent list is empty."""
        value = self._rest.pop(key, ())
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise Unsupported(self.at(key), "must be a list")
        return [(f"{self.at(key)}[{index}]", item) for index, item in enumerate(value)]

    def objects(self, key: str) -> list[Fields]:
        """Return the items of a list of objects."""
        return [Fields(item, path) for path, item in self.items(key)]

    def text(self, key: str, *, one_of: Sequence[str] = ()) -> str:
        """Return a string, which must be there."""
        value = self.take(key)
        if not isinstance(value, str):
            raise Unsupported(self.at(key), f"must be a string, not `{value!r}`")
        if one_of and value not in one_of:
            raise Unsupported(self.at(key), f"must be one of {', '.join(one_of)}, not `{value}`")
        return value

    def text_or_none(self, key: str, *, one_of: Sequence[str] = ()) -> str | None:
        """Return a string, if there is one."""
        return self.text(key, one_of=one_of) if key in self._rest else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        found = self.items(key)
        for path, item in found:
            if not isinstance(item, str):
                raise Unsupported(path, f"must be a string, not `{item!r}`")
        return tuple(str(item) for _, item in found)

    def strings(self, key: str) -> dict[str, str]:
        """Return a map of strings, such as labels."""
        value = self.raw(key)
        for name, item in value.items():
            if not isinstance(item, str):
                raise Unsupported(self.at(f"{key}.{name}"), f"must be a string, not `{item!r}`")
        return {name: str(item) for name, item in value.items()}

    def integer(self, key: str, *, least: int = 0, most: int = 2**63 - 1) -> int | None:
        """Return a whole number, if there is one."""
        value = self._rest.pop(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Unsupported(self.at(key), f"must be a number from {least}, not `{value!r}`")
        return value

    def truth(self, key: str) -> bool | None:
        """Return true or false, if either is there."""
        value = self._rest.pop(key, None)
        if value is not None and not isinstance(value, bool):
            raise Unsupported(self.at(key), f"must be true or false, not `{value!r}`")
        return value

    def quantity(self, key: str) -> Decimal | None:
        """Return a quantity in its base unit, if there is one."""
        value = self._rest.pop(key, None)
        return None if value is None else quantity(value, self.at(key))
