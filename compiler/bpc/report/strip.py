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
    first = _first(line, begin, end, room)
    lead = _CUT if first else ""
    pieces, starts = [lead], [len(lead)]
    for index in range(first, len(line)):
        piece, width = _shown(line[index])
        rest = 0 if index + 1 == len(line) else len(_CUT)
        if starts[-1] + width + rest > room:
            pieces.append(_CUT)
            break
        pieces.append(piece)
        starts.append(starts[-1] + width)
    return Strip("".join(pieces), first, tuple(starts))


def _first(line: str, begin: int, end: int, room: int) -> int:
    if end <= room and sum(_shown(char)[1] for char in line[:end]) <= room - len(_CUT):
        return 0
    lead, index = room // 4, min(begin, len(line))
    while index > 0:
        lead -= _shown(line[index - 1])[1]
        if lead < 0:
            break
        index -= 1
    return index


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
