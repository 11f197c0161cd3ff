"""A template's shape, compiled: nodes that turn the values of its holes into data and text at once.

Every node appends its text to `out` and returns its data, or appends nothing and returns OMITTED. The
first piece of text that a node appends begins with the head of its slot, so that the node around it
can still put a dash or a computed key there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol, TypeAlias

from bpc.diagnostics import Pointer
from bpc.render.errors import TemplateError
from bpc.render.spelling import spell_key
from bpc.render.values import Data, RefusedValueError, plain
from bpc.render.writer import write_entry, write_item


class _Omitted(Enum):
    OMITTED = "omitted"


OMITTED: Final = _Omitted.OMITTED
Filled: TypeAlias = "Data | _Omitted"
Values: TypeAlias = Sequence[object]


class Node(Protocol):
    """A part of a document, compiled for one place in the text."""

    def fill(self, values: Values, out: list[str]) -> Filled:
        """Append this part's text and return its data."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value stands: after a key, after a dash, or alone at the root (`indent` -2).

    `opening` is the line of its own that a collection begins with; `dash` replaces the indentation of
    a collection's first line in a list.
    """

    template: str
    path: Pointer = ()
    head: str = ""
    indent: int = -2
    item: bool = False
    opening: str = field(init=False)
    dash: str = field(init=False)

    def __post_init__(self) -> None:
        own_line = self.indent >= 0 and not self.item
        object.__setattr__(self, "opening", f"{self.head}\n" if own_line else "")
        object.__setattr__(self, "dash", f"{self.head} " if self.item else "")

    def entry(self, key: str | Key) -> Slot:
        """Return the slot after a key of the mapping in this slot; a computed key is put in later."""
        indent = self.indent + 2
        head = " " * indent + (f"{self.spell(key)}:" if isinstance(key, str) else "")
        step = key if isinstance(key, str) else "{{ }}"
        return Slot(self.template, (*self.path, step), head, indent)

    def member(self, index: int) -> Slot:
        """Return the slot of one item of the list in this slot."""
        indent = self.indent + 2
        return Slot(self.template, (*self.path, index), " " * indent + "-", indent, item=True)

    def write(self, value: Data, out: list[str]) -> None:
        """Append a whole value in canonical form."""
        try:
            (write_item if self.item else write_entry)(out, self.head, value, self.indent)
        except ValueError as error:
            raise self.refusal(str(error)) from error

    def spell(self, key: str) -> str:
        """Write a key of the mapping in this slot."""
        try:
            return spell_key(key)
        except ValueError as error:
            raise self.refusal(str(error)) from error

    def refusal(self, message: str, path: Pointer = ()) -> TemplateError:
        """Return the error that names this place."""
        return TemplateError(self.template, (*self.path, *path), message)


@dataclass(frozen=True, slots=True)
class Constant:
    """A part without holes, written once when the shape was compiled."""

    text: str
    data: Data

    def fill(self, _values: Values, out: list[str]) -> Filled:
        """Append the ready text and return a copy, so that manifests share nothing that can change."""
        out.append(self.text)
        return _copy(self.data)


@dataclass(frozen=True, slots=True)
class Whole:
    """A plain scalar that is exactly one hole: the value itself, and nothing at all for None."""

    slot: Slot
    index: int

    def fill(self, values: Values, out: list[str]) -> Filled:
        """Append and return the value."""
        value = values[self.index]
        if value is None:
            return OMITTED
        try:
            data = plain(value)
        except RefusedValueError as error:
            raise self.slot.refusal(error.message, error.path) from None
        self.slot.write(data, out)
        return data


@dataclass(frozen=True, slots=True)
class Text:
    """Holes amid other text, in quotes or in a block: text and integers are put in, nothing else."""

    slot: Slot
    parts: tuple[str | int, ...]

    def fill(self, values: Values, out: list[str]) -> Filled:
        """Append and return the joined text."""
        text = self.join(values)
        self.slot.write(text, out)
        return text

    def join(self, values: Values) -> str:
        """Put the values into the text."""
        return "".join([p if isinstance(p, str) else self._part(values[p]) for p in self.parts])

    def _part(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.slot.refusal(f"`{type(value).__name__}` cannot stand inside text")
        try:
            return str(plain(value))
        except RefusedValueError as error:
            raise self.slot.refusal(error.message) from None


@dataclass(frozen=True, slots=True)
class Key:
    """A mapping key with holes; one that is exactly one hole (`whole`) takes text only."""

    text: Text
    whole: int | None

    def join(self, values: Values) -> str:
        """Put the values into the key."""
        if self.whole is not None and not isinstance(values[self.whole], str):
            raise self.text.slot.refusal(f"`{type(values[self.whole]).__name__}` cannot be a key")
        return self.text.join(values)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that the template wrote; when none of its entries is there, it is left out too."""

    slot: Slot
    entries: tuple[tuple[str, Node], ...]

    def fill(self, values: Values, out: list[str]) -> Filled:
        """Append and return the entries that are there."""
        slot, start = self.slot, len(out)
        if slot.opening:
            out.append(slot.opening)
        result = self.members(values, out)
        if not result:
            del out[start:]
            return OMITTED
        if slot.dash:
            out[start] = slot.dash + out[start][len(slot.dash) :]
        return result

    def members(self, values: Values, out: list[str]) -> dict[str, Data]:
        """Fill the entries."""
        result: dict[str, Data] = {}
        for key, node in self.entries:
            data = node.fill(values, out)
            if data is not OMITTED:
                result[key] = data
        return result


@dataclass(frozen=True, slots=True)
class KeyedMapping(Mapping):
    """A mapping with computed keys: those in `keys`, by the position of their entry."""

    keys: dict[int, Key]

    def members(self, values: Values, out: list[str]) -> dict[str, Data]:
        """Fill the entries and put the computed keys in front of theirs."""
        slot, indent = self.slot, self.slot.indent + 2
        result: dict[str, Data] = {}
        for index, (written, node) in enumerate(self.entries):
            place, computed = len(out), self.keys.get(index)
            key = computed.join(values) if computed else written
            data = node.fill(values, out)
            if data is OMITTED:
                continue
            if key in result:
                raise slot.refusal("duplicate key", (key,))
            result[key] = data
            if computed:
                out[place] = f"{' ' * indent}{slot.spell(key)}:{out[place][indent:]}"
        return result


@dataclass(frozen=True, slots=True)
class Items:
    """A list that the template wrote; when none of its items is there, it stays as `[]`."""

    slot: Slot
    items: tuple[Node, ...]

    def fill(self, values: Values, out: list[str]) -> Filled:
        """Append and return the items that are there."""
        slot, start = self.slot, len(out)
        if slot.opening:
            out.append(slot.opening)
        result: list[Data] = []
        for node in self.items:
            data = node.fill(values, out)
            if data is not OMITTED:
                result.append(data)
        if not result:
            del out[start:]
            slot.write([], out)
        elif slot.dash:
            out[start] = slot.dash + out[start][len(slot.dash) :]
        return result


def _copy(data: Data) -> Data:
    if isinstance(data, dict):
        return {key: _copy(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_copy(item) for item in data]
    return data
