"""Where in a file every key and value of a document stands."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import cast

from bpc.diagnostics import Pointer, Span


class Lines:
    """The text of a file; offsets count code points from 0, and a line ends with a line feed."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] = []

    def span(self, start: int, end: int) -> Span:
        """Return the stretch between two offsets."""
        return Span(self.path, *self._position(start), *self._position(end))

    def _position(self, offset: int) -> tuple[int, int]:
        if not self._starts:
            lengths = (len(line) + 1 for line in self.text.split("\n"))
            self._starts = [0, *accumulate(lengths)]
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Slot:
    """The numbers of a value and of its key, counting nodes as they begin in the text.

    The key of a list item, and of the root, is None.
    """

    value: int
    key: int | None = None


class Marks:
    """The offsets of every node of one document.

    They are kept as two flat arrays in the order of the text, eight bytes a node, because thousands of
    documents are in memory at once and few are ever asked where something is. The data, which has the
    same order, is what makes sense of them: it must not be changed.
    """

    __slots__ = ("_data", "_ends", "_slots", "_starts", "lines")

    def __init__(
        self, lines: Lines, data: Mapping[str, object], starts: Sequence[int], ends: Sequence[int]
    ) -> None:
        self.lines = lines
        self._data = data
        self._starts = array("I", starts)
        self._ends = array("I", ends)
        self._slots: dict[Pointer, Slot] = {}

    def slots(self) -> Mapping[Pointer, Slot]:
        """Return the node numbers of everything in the document, by its path."""
        if not self._slots:
            self._slots = _number(self._data)
        return self._slots

    def offsets(self, node: int) -> tuple[int, int]:
        """Return where a node begins and ends."""
        start = self._starts[node]
        # To the parser, the blank lines behind a block scalar are part of it.
        text = self.lines.text[start : self._ends[node]].rstrip(" \t\r\n")
        return start, start + len(text)

    def span(self, pointer: Pointer, *, key: bool) -> Span:
        """Return the place of a value or its key, or of what is nearest to where it should be."""
        slots = self.slots()
        slot = slots.get(pointer)
        if slot is None:
            return self._missing(pointer)
        node = slot.value if slot.key is None or not key else slot.key
        return self.lines.span(*self.offsets(node))

    def _missing(self, pointer: Pointer) -> Span:
        slots = self.slots()
        while pointer not in slots:
            pointer = pointer[:-1]
        slot, parent = slots[pointer], self._value(pointer)
        node = slot.value
        if isinstance(parent, dict | list) and slot.key is not None:
            node = slot.key
        elif isinstance(parent, dict) and parent:
            node = slot.value + 1
        return self.lines.span(*self.offsets(node))

    def _value(self, pointer: Pointer) -> object:
        value: object = self._data
        for step in pointer:
            # Steps that were found lead through mappings by keys and through lists by numbers.
            value = cast("dict[str | int, object]", value)[step]
        return value


def _number(data: Mapping[str, object]) -> dict[Pointer, Slot]:
    slots: dict[Pointer, Slot] = {}
    numbers = count()

    def visit(pointer: Pointer, key: int | None, value: object) -> None:
        slots[pointer] = Slot(next(numbers), key)
        if isinstance(value, dict):
            for name, child in value.items():
                visit((*pointer, name), next(numbers), child)
        elif isinstance(value, list):
            for index, child in enumerate(value):
                visit((*pointer, index), None, child)

    visit((), None, data)
    return slots
