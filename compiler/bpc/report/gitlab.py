"""The Code Quality report of GitLab: a flat array of issues.

Fields as in https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import json

from bpc.diagnostics import Diagnostic, Severity
from bpc.report.contents import Report, tracked

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report) -> str:
    """Return one issue per diagnostic."""
    issues = [
        _issue(diagnostic, mark)
        for diagnostic, mark in zip(report.diagnostics, report.fingerprints(), strict=True)
    ]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str) -> dict[str, object]:
    span = diagnostic.primary.span
    return {
        "description": diagnostic.message,
        "check_name": str(diagnostic.code),
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {"path": tracked(span.path), "lines": {"begin": span.line}},
    }
