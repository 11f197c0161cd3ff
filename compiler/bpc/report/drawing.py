"""Rows of source with carets under what is meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpc.diagnostics import Severity
from bpc.report.paint import paint
from bpc.report.printable import printable
from bpc.report.snippet import Block, Mark
from bpc.report.strip import Strip, strip

# A mark over more lines shows its first two and its last.
_TALL = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line: the line number or what stands in its place, and what follows the frame."""

    number: str
    text: str


def draw(block: Block, room: int, severity: Severity, color: bool) -> Iterator[Row]:
    """Yield the rows of a block whose source is available, at most `room` cells wide before labels."""
    mark = block.marks[0]
    if mark.multiline:
        yield from _tall(block, mark, room - 2, _Pen(mark, severity, color))
        return
    for number in range(block.first, block.last + 1):
        here = [mark for mark in block.marks if mark.span.line == number]
        line = block.lines[number - 1]
        if not here:
            yield Row(str(number), f" {strip(line, 0, 0, room).text}")
            continue
        begin = min(mark.span.column for mark in here) - 1
        end = max(mark.span.end_column for mark in here) - 1
        shown = strip(line, begin, end, room)
        yield Row(str(number), f" {shown.text}")
        for mark in here:
            yield _carets(mark, shown, _Pen(mark, severity, color))


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws one mark: carets in the colour of the severity, or dashes for what is only related."""

    mark: Mark
    severity: Severity
    color: bool

    def __call__(self, text: str) -> str:
        return paint(text, self.severity if self.mark.primary else "frame", self.color)

    @property
    def tip(self) -> str:
        return "^" if self.mark.primary else "-"

    def point(self, under: str) -> str:
        """Return the marker with its label behind it."""
        return self(f"{under} {printable(self.mark.text)}".rstrip())


def _carets(mark: Mark, shown: Strip, pen: _Pen) -> Row:
    begin, end = shown.cell(mark.span.column - 1), shown.cell(mark.span.end_column - 1)
    return Row("", f" {' ' * begin}{pen.point(pen.tip * max(1, end - begin))}")


def _tall(block: Block, mark: Mark, room: int, pen: _Pen) -> Iterator[Row]:
    """Yield the rows of a mark over several lines, with a bar at their left."""
    span = mark.span
    for number in range(block.first, span.line):
        yield Row(str(number), f"   {strip(block.lines[number - 1], 0, 0, room).text}")
    begin, end = span.column - 1, span.end_column - 2
    opening = block.lines[span.line - 1]
    shown = strip(opening, begin, begin + 1, room)
    # A bar can start beside the line only where nothing but indentation and dashes comes before.
    beside = not opening[:begin].strip(" -")
    yield Row(str(span.line), f" {pen('/') if beside else ' '} {shown.text}")
    if not beside:
        yield Row("", f"  {pen('_' * (shown.cell(begin) + 1) + pen.tip)}")
    hidden = span.end_line - span.line >= _TALL
    for number in range(span.line + 1, span.line + 2 if hidden else span.end_line):
        yield Row(str(number), f" {pen('|')} {strip(block.lines[number - 1], 0, 0, room).text}")
    if hidden:
        yield Row("", f" {pen('|')} ...")
    shown = strip(block.lines[span.end_line - 1], end, end + 1, room)
    yield Row(str(span.end_line), f" {pen('|')} {shown.text}")
    yield Row("", f" {pen('|')}{pen.point('_' * (shown.cell(end) + 1) + pen.tip)}")
