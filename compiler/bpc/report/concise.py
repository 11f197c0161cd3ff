"""One line per diagnostic, for editors and for grep."""

from __future__ import annotations

from bpc.diagnostics import Diagnostic
from bpc.report.contents import Report
from bpc.report.printable import printable


def render(report: Report) -> str:
    """Return a line per diagnostic; nothing where there are none."""
    return "".join(f"{line(diagnostic)}\n" for diagnostic in report.diagnostics)


def line(diagnostic: Diagnostic) -> str:
    """Return place, severity, rule and message of one diagnostic."""
    kind = f"{diagnostic.severity}[{diagnostic.code}]"
    return printable(f"{diagnostic.primary.span}: {kind}: {diagnostic.message}")
