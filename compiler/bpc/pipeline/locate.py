"""From findings to diagnostics: the position is looked up here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from bpc.diagnostics import Code, Diagnostic, Finding, Label, Severity, Span, Where, sort_key
from bpc.source import Document, parse

_FILES_KEPT = 16


class Sources:
    """The text of the policies, read again when there is something to show of it."""

    def __init__(self, read: Callable[[str], bytes | Finding]) -> None:
        self._read = read
        self._parsed = lru_cache(maxsize=_FILES_KEPT)(self._parse)
        self._lines = lru_cache(maxsize=_FILES_KEPT)(self._split)

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
        return content.decode(errors="replace").splitlines()


def diagnose(
    findings: Iterable[Finding], sources: Sources, level: Callable[[Code], Severity | None]
) -> list[Diagnostic]:
    """Return the diagnostics in the order of their places; `level` gives None for what is switched off."""
    ordered = sorted(set(findings), key=lambda f: (f.where.path, f.where.document, f.code.number))
    found = []
    for finding in ordered:
        severity = level(finding.code)
        if severity is not None:
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
