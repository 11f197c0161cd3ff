"""One line of source as a terminal shows it, with the cell in which each character starts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from bpc.report.printable import visible

_TAB = "    "
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Strip:
    """The part of a line that is shown.

    `first` is the index of the first character in it; `starts` has the cell of each character and, last,
    the cell after them.
    """

    text: str
    first: int
    starts: tuple[int, ...]

    def cell(self, index: int) -> int:
        """Return the cell of the character at `index` of the whole line, or the nearest shown one."""
        return self.starts[min(max(index - self.first, 0), len(self.starts) - 1)]


def strip(line: str, begin: int, end: int, room: int) -> Strip:
    """Return what fits into `room` cells, cut so that characters `begin` to `end` are in view."""
    whole = len(line) <= room and _width(line) <= room
    first = 0 if whole else _first(line, begin, end, room)
    lead = _CUT if first else ""
    fits = first + room >= len(line) and len(lead) + _width(line[first:]) <= room
    limit = room if fits else room - len(_CUT)
    pieces, starts = [lead], [len(lead)]
    for char in line[first : first + room]:
        piece, width = _shown(char)
        if starts[-1] + width > limit:
            break
        pieces.append(piece)
        starts.append(starts[-1] + width)
    return Strip("".join(pieces) + ("" if fits else _CUT), first, tuple(starts))


def _first(line: str, begin: int, end: int, room: int) -> int:
    """Return where to begin so that a quarter of the room is left for what stands before `begin`."""
    if end <= room and _width(line[:end]) <= room - len(_CUT):
        return 0
    lead, index = room // 4, min(begin, len(line))
    while index > 0 and (lead := lead - _shown(line[index - 1])[1]) >= 0:
        index -= 1
    return index


def _width(text: str) -> int:
    return sum(_shown(char)[1] for char in text)


def _shown(char: str) -> tuple[str, int]:
    """Return what stands for a character, and its width in cells."""
    if char == "\t":
        return _TAB, len(_TAB)
    piece = visible(char)
    if piece != char or char.isascii():
        return piece, len(piece)
    if unicodedata.category(char) in ("Mn", "Me"):
        return piece, 0
    return piece, 2 if unicodedata.east_asian_width(char) in "WF" else 1
