"""Findings about text, collected with their positions; hostile input cannot make the list endless."""

from __future__ import annotations

from dataclasses import replace

from bpc.diagnostics import Code, Finding, Span, Where
from bpc.source.positions import Lines

MOST = 100
_SHOWN = 60


class Stopped(Exception):  # noqa: N818  not an error: the end of reading one file
    """Ends the reading of a file after a fault behind which nothing can be trusted."""


class Faults:
    """The findings about one file: at most `MOST` errors, then reading stops, and as many warnings."""

    def __init__(self, lines: Lines) -> None:
        self._found: list[tuple[Span, Finding]] = []
        self.document = 0
        self.errors = 0
        self._warnings = 0
        self._lines = lines

    def error(self, code: Code, message: str, start: int, end: int, advice: str = "") -> None:
        """Report an error about the text between two offsets; raise Stopped when there are too many."""
        self.errors += 1
        enough = self.errors == MOST
        if enough:
            message += f"; reading stops after {MOST} errors"
        where, span = Where(self._lines.path, self.document), self._lines.span(start, end)
        self._found.append((span, Finding(code, message, where, help=advice, span=span)))
        if enough:
            raise Stopped

    def warning(self, finding: Finding, start: int, end: int) -> None:
        """Report a warning about the text between two offsets, unless there are too many."""
        self._warnings += 1
        if self._warnings <= MOST:
            span = self._lines.span(start, end)
            self._found.append((span, replace(finding, span=span)))

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, in the order of the text."""
        ordered = sorted(self._found, key=lambda pair: (pair[0], pair[1].code.number))
        return tuple(finding for _, finding in ordered)


def quoted(text: str) -> str:
    """Return a value as a message may show it: short, on one line, and without hidden characters."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in text[: _SHOWN + 1].replace("`", "'")
    )
    return f"`{shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + '…'}`"
