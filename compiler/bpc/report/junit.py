"""A JUnit report: a suite per thing checked and a case per group of rules, so that passes show too.

Shaped after the schema that Jenkins holds such files to (`junit-10.xsd` of its xunit plugin), with at
most one failure per case, because readers take only the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpc.diagnostics import Diagnostic, Severity
from bpc.report.category import block
from bpc.report.concise import line
from bpc.report.contents import Report
from bpc.report.printable import printable

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@dataclass(frozen=True, slots=True)
class _Case:
    subject: str
    group: str
    failed: tuple[Diagnostic, ...]
    told: tuple[Diagnostic, ...]


def render(report: Report) -> str:
    """Return one XML document; only errors fail a case, the rest is told in its output."""
    groups = sorted({block(number) for number in _numbers(report)}) or ["rules"]
    suites = {
        subject: [_case(subject, group, found) for group in groups]
        for subject, found in _by_subject(report).items()
    }
    cases = [case for suite in suites.values() for case in suite]
    rows = ['<?xml version="1.0" encoding="UTF-8"?>']
    rows.append(f"<testsuites {_counts(f'bpc {report.context.command}', cases)}>")
    for subject, suite in suites.items():
        rows.append(f"  <testsuite {_counts(subject, suite)}>")
        rows += map(_element, suite)
        rows.append("  </testsuite>")
    rows.append("</testsuites>")
    return "\n".join(rows) + "\n"


def _numbers(report: Report) -> set[str]:
    return set(report.context.rules) | {d.code.number for d in report.diagnostics}


def _by_subject(report: Report) -> dict[str, list[Diagnostic]]:
    suites: dict[str, list[Diagnostic]] = {name: [] for name in report.context.checked}
    checked = frozenset(suites)
    for diagnostic in report.diagnostics:
        suites.setdefault(_owner(diagnostic, checked), []).append(diagnostic)
    return suites


def _owner(diagnostic: Diagnostic, checked: frozenset[str]) -> str:
    """Return the closest thing checked: the subject, what it is part of, or its file."""
    steps = diagnostic.subject.split("/")
    parents = ["/".join(steps[:count]) for count in range(len(steps), 0, -1)]
    names = [name for name in (*parents, diagnostic.primary.span.path) if name]
    return next((name for name in names if name in checked), names[0])


def _case(subject: str, group: str, found: Sequence[Diagnostic]) -> _Case:
    mine = [d for d in found if group == block(d.code.number)]
    failed = tuple(d for d in mine if d.severity is Severity.ERROR)
    told = tuple(d for d in mine if d.severity is not Severity.ERROR)
    return _Case(subject, group, failed, told)


def _counts(name: str, cases: Sequence[_Case]) -> str:
    failures = sum(bool(case.failed) for case in cases)
    return f'name="{_xml(name)}" tests="{len(cases)}" failures="{failures}" errors="0"'


def _element(case: _Case) -> str:
    head = f'    <testcase classname="{_xml(case.subject)}" name="{case.group}"'
    parts: list[str] = []
    if case.failed:
        first, count = case.failed[0], len(case.failed)
        kind = _xml(str(first.code))
        message = _xml(first.message) + (f" (and {count - 1} more)" if count > 1 else "")
        body = _body(case.failed)
        parts.append(f'      <failure type="{kind}" message="{message}">{body}</failure>')
    if case.told:
        parts.append(f"      <system-out>{_body(case.told)}</system-out>")
    return "\n".join([f"{head}>", *parts, "    </testcase>"]) if parts else f"{head}/>"


def _body(diagnostics: Sequence[Diagnostic]) -> str:
    texts: list[str] = []
    for diagnostic in diagnostics:
        texts.append(line(diagnostic))
        if diagnostic.help:
            texts.append(f"help: {diagnostic.help}")
    return "\n".join(map(_xml, texts))


def _xml(text: str) -> str:
    return printable(text).translate(_ESCAPES)
