"""The body of a pull-request comment.

It begins with a hidden marker, by which a bot finds the comment that it has to edit, and stays below the
65,536 characters that GitHub takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bpc.diagnostics import Diagnostic, Severity
from bpc.report.contents import Report
from bpc.report.printable import printable
from bpc.report.text import explain

_LIMIT = 60_000
# Kept free for the lines that say what was left out.
_RESERVE = 400
_CELL = 600
_WIDTH = 100
_MARKUP = frozenset("\\`*_[]{}<>&|~$#!:")


def render(report: Report) -> str:
    """Return verdict, counts, a table with the worst findings first, and their sources folded away."""
    context = report.context
    worst = sorted(report.diagnostics, key=lambda d: d.severity.rank)
    head = [f"<!-- bpc:{context.command}:v1 -->"]
    head += [f"### bpc {context.command}: {_verdict(report)}", "", report.summary(), ""]
    foot = [f"<sub>bpc {_escape(context.tool_version)}</sub>", ""]
    room = _LIMIT - _RESERVE - _size([*head, *foot])
    table = list(_table(worst, room)) if worst else []
    details = list(_details(worst, report, room - _size(table))) if worst else []
    return "\n".join([*head, *table, *details, *foot])


def _verdict(report: Report) -> str:
    if report.count(Severity.ERROR):
        return "not ready to merge"
    return "nothing blocks" if report.diagnostics else "all clear"


def _table(diagnostics: list[Diagnostic], room: int) -> Iterator[str]:
    head = ["| Level | Rule | Place | Finding |", "|--|--|--|--|"]
    shown = _fitting((_row(d) for d in diagnostics), room - _size(head))
    yield from (*head, *shown, "")
    if len(shown) < len(diagnostics):
        yield from (f"{len(diagnostics) - len(shown)} more findings are left out.", "")


def _row(diagnostic: Diagnostic) -> str:
    span = diagnostic.primary.span
    finding = _escape(diagnostic.message)
    if diagnostic.help:
        finding += f"<br>help: {_escape(diagnostic.help)}"
    place = f"<code>{_literal(_clip(f'{span.path}:{span.line}'))}</code>"
    return f"| {diagnostic.severity} | {diagnostic.code} | {place} | {finding} |"


def _details(diagnostics: list[Diagnostic], report: Report, room: int) -> Iterator[str]:
    plain = replace(report, context=replace(report.context, color=False, width=_WIDTH))
    shown = _fitting((explain(d, plain) for d in diagnostics), room)
    if not shown:
        return
    count = f"{len(shown)} of {len(diagnostics)}" if len(shown) < len(diagnostics) else "all"
    # What a policy says stands too far right in its line to end the fence.
    yield from (f"<details><summary>Source ({count})</summary>", "", "```text")
    yield from ("\n".join(shown).rstrip("\n"), "```", "", "</details>", "")


def _fitting(pieces: Iterator[str], room: int) -> list[str]:
    """Return the pieces up to the first that does not fit."""
    shown: list[str] = []
    for piece in pieces:
        room -= len(piece) + 1
        if room < 0:
            break
        shown.append(piece)
    return shown


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _escape(text: str) -> str:
    """Return text in which only pairs of backquotes are markup, and which notifies nobody."""
    parts = _clip(text).split("`")
    escaped = [_literal(parts[0]).replace("@", "@&#8203;")]
    for index, part in enumerate(parts[1:], 1):
        if index % 2 and index + 1 < len(parts):
            escaped.append(f"<code>{_literal(part)}</code>")
        else:
            tick = "&#96;" if index % 2 else ""
            escaped.append(tick + _literal(part).replace("@", "@&#8203;"))
    return "".join(escaped)


def _literal(text: str) -> str:
    return "".join(f"&#{ord(char)};" if char in _MARKUP else char for char in text)


def _clip(text: str) -> str:
    shown = printable(text[:_CELL])
    return shown if len(text) <= _CELL else f"{shown}..."
