"""From findings to diagnostics: the position is looked up here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from bpc.diagnostics import Code, Diagnostic, Finding, Label, Severity, Span, Where, sort_key
from bpc.source import Document, parse
from bpc.source.codes import INLINE_SECRET
from bpc.source.secrets import suspicious

_FILES_KEPT = 16


_ENTRY = re.compile(r"""(?P<key>[A-Za-z][\w.-]*)["']?\s*:\s+["']?(?P<value>[^"',}\]]+)""")


class Sources:
    """The text of the policies, read again when there is something to show of it.

    What looks like a secret is never shown: neither where it was found, nor on a line beside.
    """

    def __init__(self, read: Callable[[str], bytes | Finding]) -> None:
        self._read = read
        self._parsed = lru_cache(maxsize=_FILES_KEPT)(self._parse)
        self._lines = lru_cache(maxsize=_FILES_KEPT)(self._split)
        self._hidden: list[Span] = []

    def hide(self, span: Span) -> None:
        """Keep a stretch of text from being shown."""
        self._hidden.append(span)
        self._lines.cache_clear()

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of a file; none if it cannot be read."""
        return self._lines(path)

    def span(self, where: Where) -> Span:
        """Return the position of a place; the start of the file if the document cannot be read."""
        document = self._parsed(where.path).get(where.document)
        if document is None:
            return Span(where.path, 1, 1, 1, 1)
        return document.span(where.pointer, key=where.key)

    def _parse(self, path: str) -> dict[int, Document]:
        content = self._read(path)
        if isinstance(content, Finding):
            return {}
        return {document.index: document for document in parse(content, path).documents}

    def _split(self, path: str) -> Sequence[str]:
        content = self._read(path)
        if isinstance(content, Finding):
            return ()
        lines = [_masked(line) for line in content.decode(errors="replace").split("\n")]
        for span in self._hidden:
            if span.path == path:
                for number in range(span.line, min(span.end_line, len(lines)) + 1):
                    first = span.column - 1 if number == span.line else 0
                    last = span.end_column - 1 if number == span.end_line else None
                    lines[number - 1] = _blank(lines[number - 1], first, last)
        return lines


def _masked(line: str) -> str:
    line = line.removesuffix("\r")
    for entry in _ENTRY.finditer(line):
        if suspicious(entry["key"], entry["value"].strip()):
            line = _blank(line, *entry.span("value"))
    return line


def _blank(line: str, first: int, last: int | None) -> str:
    end = len(line) if last is None else last
    return line[:first] + "*" * len(line[first:end]) + line[end:]


def diagnose(
    findings: Iterable[Finding], sources: Sources, level: Callable[[Code], Severity | None]
) -> list[Diagnostic]:
    """Return the diagnostics in the order of their places; `level` gives None for what is switched off."""
    ordered = sorted(set(findings), key=lambda f: (f.where.path, f.where.document, f.code.number))
    found = []
    for finding in ordered:
        severity = level(finding.code)
        if severity is not None:
            if finding.code == INLINE_SECRET:
                sources.hide(finding.span or sources.span(finding.where))
            found.append(_diagnostic(finding, severity, sources))
    return sorted(found, key=sort_key)


def _diagnostic(finding: Finding, severity: Severity, sources: Sources) -> Diagnostic:
    return Diagnostic(
        code=finding.code,
        severity=severity,
        message=finding.message,
        primary=Label(finding.span or sources.span(finding.where), finding.label),
        related=tuple(Label(sources.span(where), text) for where, text in finding.related),
        help=finding.help,
        document=finding.where.document,
        pointer=finding.where.json_pointer,
        subject=finding.subject,
        edit=finding.edit,
    )
