"""What a report is made of, whatever its format."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bpc.diagnostics import Diagnostic, Severity
from bpc.report.fingerprint import distinct


class SourceText(Protocol):
    """Gives back the files that diagnostics point into."""

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of a file, or nothing where the file cannot be shown."""
        ...


@dataclass(frozen=True, slots=True)
class RulePage:
    """The documentation of a rule: one sentence, and the whole page as Markdown."""

    summary: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Context:
    """The run that a report is about.

    `command` is the verb, such as `lint`. `checked` names every policy or file that was looked at, so that
    a report can show what passed. `rules` are the rules that ran, by number. `width` is that of the
    terminal in columns, or None where the output is no terminal.
    """

    tool_version: str
    command: str
    checked: Sequence[str] = ()
    color: bool = False
    width: int | None = None
    rules: Mapping[str, RulePage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Diagnostics in the order in which they are shown, with all that a format may say about them."""

    diagnostics: tuple[Diagnostic, ...]
    sources: SourceText
    context: Context

    def count(self, severity: Severity) -> int:
        """Return how many diagnostics have this severity."""
        return sum(d.severity is severity for d in self.diagnostics)

    def fingerprints(self) -> tuple[str, ...]:
        """Return one fingerprint per diagnostic, all different."""
        return distinct(self.diagnostics)

    def summary(self) -> str:
        """Return the counts in words, such as `2 errors, 1 warning in 2 files`."""
        counts = [(self.count(s), s) for s in Severity]
        found = ", ".join(_plural(n, s.value) for n, s in counts if n)
        if not found:
            checked = len(self.context.checked)
            return f"{checked} checked, no findings" if checked else "no findings"
        files = len({d.primary.span.path for d in self.diagnostics})
        return f"{found} in {_plural(files, 'file')}"


def tracked(path: str) -> str:
    """Return a path as Git lists it, which is how the forges know a file."""
    return posixpath.normpath(path)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
