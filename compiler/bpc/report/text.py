"""Diagnostics for a person at a terminal: the source with carets, the reason, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Diagnostic
from bpc.report.contents import Report
from bpc.report.drawing import draw
from bpc.report.paint import paint
from bpc.report.printable import printable
from bpc.report.snippet import Block, blocks

_WIDTH = 140


def render(report: Report) -> str:
    """Return every diagnostic with its source, and the counts as the last line."""
    shown = [explain(diagnostic, report) for diagnostic in report.diagnostics]
    return "\n".join([*shown, paint(report.summary(), "strong", report.context.color) + "\n"])


def explain(diagnostic: Diagnostic, report: Report) -> str:
    """Return one diagnostic with its source, one or more whole lines."""
    parts = blocks(diagnostic, report.sources)
    gutter = max(len(str(block.last)) for block in parts)
    lines = [_title(diagnostic, report.context.color)]
    for block in parts:
        lines += _block(block, gutter, diagnostic, report)
    lines += _notes(diagnostic, gutter, report.context.color)
    return "\n".join(lines) + "\n"


def _title(diagnostic: Diagnostic, color: bool) -> str:
    kind = paint(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity, color)
    return kind + paint(f": {printable(diagnostic.message)}", "strong", color)


def _block(block: Block, gutter: int, diagnostic: Diagnostic, report: Report) -> Iterator[str]:
    color = report.context.color
    arrow = "-->" if block.primary else ":::"
    place = f"{' ' * gutter}{paint(arrow, 'frame', color)} {printable(str(block.place))}"
    if not block.lines:
        text = block.marks[0].text
        yield place + (f": {printable(text)}" if text else "")
        return
    bar = f"{' ' * gutter} {paint('|', 'frame', color)}"
    yield place
    yield bar
    room = max(40, (report.context.width or _WIDTH) - gutter - len(" | "))
    for row in draw(block, room, diagnostic.severity, color):
        yield f"{paint(f'{row.number:>{gutter}} |', 'frame', color)}{row.text}".rstrip()
    yield bar


def _notes(diagnostic: Diagnostic, gutter: int, color: bool) -> Iterator[str]:
    sign = f"{' ' * gutter} {paint('=', 'frame', color)}"
    if diagnostic.help:
        first, *more = map(printable, diagnostic.help.split("\n"))
        yield f"{sign} {paint('help', 'strong', color)}: {first}"
        yield from (f"{' ' * gutter}         {line}".rstrip() for line in more)
    yield f"{sign} {paint('docs', 'strong', color)}: bpc explain {diagnostic.code.number}"
