"""Annotations on a pull request, as workflow commands of GitHub Actions.

GitHub shows ten annotations per step and level and drops the rest without a word, so what goes over is
told in one last notice.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Diagnostic, Severity
from bpc.report.concise import line
from bpc.report.contents import Report, tracked
from bpc.report.printable import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
# One notice fewer, to leave the tenth for what goes over.
_SHOWN = {Severity.ERROR: 10, Severity.WARNING: 10, Severity.INFO: 9}
_LISTED = 100


def render(report: Report) -> str:
    """Return errors, then warnings, then infos, then one notice for those over the limit."""
    shown: list[Diagnostic] = []
    rest: list[Diagnostic] = []
    for severity in Severity:
        found = [d for d in report.diagnostics if d.severity is severity]
        shown += found[: _SHOWN[severity]]
        rest += found[_SHOWN[severity] :]
    commands = [*map(_annotation, shown), *_overflow(rest)]
    return "".join(f"{command}\n" for command in commands)


def _annotation(diagnostic: Diagnostic) -> str:
    span = diagnostic.primary.span
    properties = {
        "file": tracked(span.path),
        "line": str(span.line),
        "endLine": str(span.end_line),
        "title": str(diagnostic.code),
    }
    # The runner refuses columns for a range of lines.
    if span.line == span.end_line:
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    fields = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    texts = [diagnostic.message, *([f"help: {diagnostic.help}"] if diagnostic.help else [])]
    return f"::{_COMMANDS[diagnostic.severity]} {fields}::{_message(texts)}"


def _overflow(rest: list[Diagnostic]) -> Iterator[str]:
    if not rest:
        return
    texts = [line(diagnostic) for diagnostic in rest[:_LISTED]]
    if len(rest) > _LISTED:
        texts.append(f"and {len(rest) - _LISTED} more")
    yield f"::notice title={len(rest)} more findings than GitHub shows::{_message(texts)}"


def _message(texts: list[str]) -> str:
    escaped = (printable(text).replace("%", "%25") for text in texts)
    return "%0A".join(escaped)


def _property(value: str) -> str:
    return printable(value).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
