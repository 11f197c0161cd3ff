"""Diagnostics as one JSON document; `schemas/report.schema.json` describes it."""

from __future__ import annotations

import json

from bpc.diagnostics import Diagnostic, Edit, Severity, Span
from bpc.report.category import category
from bpc.report.contents import Report


def render(report: Report) -> str:
    """Return the document, in ASCII so that no terminal or log collector can change it."""
    context = report.context
    document = {
        "apiVersion": "report.bpc/v1",
        "kind": "Diagnostics",
        "tool": {"name": "bpc", "version": context.tool_version},
        "command": context.command,
        "summary": {
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "infos": report.count(Severity.INFO),
        },
        "checked": list(context.checked),
        "diagnostics": [
            _diagnostic(diagnostic, mark)
            for diagnostic, mark in zip(report.diagnostics, report.fingerprints(), strict=True)
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _diagnostic(diagnostic: Diagnostic, fingerprint: str) -> dict[str, object]:
    return {
        "code": diagnostic.code.number,
        "name": diagnostic.code.name,
        "level": diagnostic.severity.value,
        "category": category(diagnostic.code.number),
        "message": diagnostic.message,
        "label": diagnostic.primary.text,
        "help": diagnostic.help,
        "source": _source(diagnostic.primary.span),
        "document": diagnostic.document,
        "pointer": diagnostic.pointer,
        "subject": diagnostic.subject,
        "related": [{"source": _source(r.span), "label": r.text} for r in diagnostic.related],
        "fingerprint": fingerprint,
        "edit": None if diagnostic.edit is None else _edit(diagnostic.edit),
    }


def _source(span: Span) -> dict[str, object]:
    return {
        "file": span.path,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _edit(edit: Edit) -> dict[str, object]:
    where = edit.where
    place = {"file": where.path, "document": where.document, "pointer": where.json_pointer}
    if edit.rename is not None:
        return {**place, "rename": edit.rename}
    return {**place, "value": edit.value}
