"""The stretches of source that a diagnostic points at, gathered into blocks to be shown together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bpc.diagnostics import Diagnostic, Label, Span
from bpc.report.contents import SourceText

_CONTEXT = 2
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A label that fits the source: it ends where text ends."""

    span: Span
    text: str
    primary: bool

    @property
    def multiline(self) -> bool:
        """Whether it covers more than one line."""
        return self.span.end_line > self.span.line


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines `first` to `last` of one file with the marks on them.

    `place` is the position to print above it. `lines` is empty where the source is not available.
    """

    place: Span
    first: int
    last: int
    marks: tuple[Mark, ...]
    lines: Sequence[str] = ()

    @property
    def primary(self) -> bool:
        """Whether the place that the diagnostic is about is in it."""
        return any(mark.primary for mark in self.marks)


def blocks(diagnostic: Diagnostic, sources: SourceText) -> list[Block]:
    """Return the block of the primary label and then those of the related ones.

    Labels on lines that lie close together share a block; one that covers several lines has its own.
    """
    gathered: list[Block] = []
    labels = [(diagnostic.primary, True), *((label, False) for label in diagnostic.related)]
    for label, primary in labels:
        block = _block(label, primary, sources)
        near = [i for i, other in enumerate(gathered) if _near(block, other)]
        if near:
            gathered[near[0]] = _merge(gathered[near[0]], block)
        else:
            gathered.append(block)
    return gathered


def _block(label: Label, primary: bool, sources: SourceText) -> Block:
    lines = sources.lines(label.span.path)
    mark = Mark(_trim(label.span, lines), label.text, primary)
    line = mark.span.line
    if not 1 <= line <= len(lines):
        return Block(label.span, line, line, (mark,))
    first = max(1, line - _CONTEXT) if primary else line
    while first < line and not lines[first - 1].strip():
        first += 1
    return Block(label.span, first, mark.span.end_line, (mark,), lines)


def _trim(span: Span, lines: Sequence[str]) -> Span:
    """End the span with its last text: parsers end a block where the next token begins."""
    line, column = min(span.end_line, len(lines)), span.end_column
    if line < span.end_line and line > 0:
        column = len(lines[line - 1]) + 1
    while line > span.line and not lines[line - 1][: column - 1].strip():
        line -= 1
        column = len(lines[line - 1]) + 1
    return replace(span, end_line=line, end_column=column) if line >= span.line else span


def _near(block: Block, other: Block) -> bool:
    if block.place.path != other.place.path or not (block.lines and other.lines):
        return False
    if any(mark.multiline for mark in (*block.marks, *other.marks)):
        return False
    return other.first - _NEAR - 1 <= block.first and block.last <= other.last + _NEAR + 1


def _merge(into: Block, block: Block) -> Block:
    marks = sorted((*into.marks, *block.marks), key=lambda mark: (mark.span.line, mark.span.column))
    return replace(
        into,
        first=min(into.first, block.first),
        last=max(into.last, block.last),
        marks=tuple(marks),
    )
