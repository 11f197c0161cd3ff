"""SARIF 2.1.0, for code scanning and for editors.

Addresses are relative to the repository's root: code scanning matches alerts by path. The fingerprint has
a name of its own, because GitHub's upload warns about every `primaryLocationLineHash` that is not its own.
"""

from __future__ import annotations

import json

from bpc.diagnostics import Code, Diagnostic, Label, Severity, Span
from bpc.report.category import category
from bpc.report.contents import Report, RulePage, SourceText, tracked
from bpc.report.replacement import replacement

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_KINDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
}
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")


def render(report: Report) -> str:
    """Return a log with one run, whose rules are those that found something."""
    context = report.context
    codes = {d.code.number: d.code for d in report.diagnostics}
    numbers = sorted(codes)
    driver = {
        "name": "bpc",
        "version": context.tool_version,
        "rules": [_rule(codes[number], context.rules.get(number)) for number in numbers],
    }
    results = [
        _result(diagnostic, mark, numbers.index(diagnostic.code.number), report.sources)
        for diagnostic, mark in zip(report.diagnostics, report.fingerprints(), strict=True)
    ]
    run = {
        "tool": {"driver": driver},
        # Keeps two commands on one commit from replacing each other's alerts.
        "automationDetails": {"id": f"bpc/{context.command}/"},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the repository"}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: Code, page: RulePage | None) -> dict[str, object]:
    summary = page.summary if page else code.name.replace("-", " ")
    help_text = {"text": f"{summary}: bpc explain {code.number}"}
    return {
        "id": code.number,
        "name": code.name,
        "shortDescription": {"text": summary},
        "help": help_text | ({"markdown": page.markdown} if page else {}),
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
        "properties": {
            "tags": [category(code.number)],
            "problem.severity": _KINDS[code.severity],
        },
    }


def _result(
    diagnostic: Diagnostic, fingerprint: str, index: int, sources: SourceText
) -> dict[str, object]:
    location: dict[str, object] = {"physicalLocation": _physical(diagnostic.primary.span)}
    if diagnostic.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.subject}]
    result: dict[str, object] = {
        "ruleId": diagnostic.code.number,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": _message(diagnostic.message),
        "locations": [location],
        "partialFingerprints": {"bpc/v1": fingerprint},
    }
    if diagnostic.related:
        result["relatedLocations"] = [_related(i, r) for i, r in enumerate(diagnostic.related, 1)]
    change = replacement(diagnostic, sources)
    if change is not None:
        result["fixes"] = [_fix(diagnostic, *change)]
    return result


def _related(number: int, label: Label) -> dict[str, object]:
    text = {"message": _message(label.text)} if label.text else {}
    return {"id": number, "physicalLocation": _physical(label.span)} | text


def _fix(diagnostic: Diagnostic, span: Span, text: str) -> dict[str, object]:
    change = {
        "artifactLocation": _artifact(span.path),
        "replacements": [{"deletedRegion": _region(span), "insertedContent": {"text": text}}],
    }
    description = {"description": _message(diagnostic.help)} if diagnostic.help else {}
    return description | {"artifactChanges": [change]}


def _physical(span: Span) -> dict[str, object]:
    return {"artifactLocation": _artifact(span.path), "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _artifact(path: str) -> dict[str, str]:
    encoded = tracked(path).encode("utf-8", "surrogateescape")
    address = "".join(chr(b) if b in _UNRESERVED else f"%{b:02X}" for b in encoded)
    if address.startswith("/"):
        return {"uri": f"file://{address}"}
    return {"uri": address, "uriBaseId": _ROOT}


def _message(text: str) -> dict[str, str]:
    """Return a message in which nothing that a policy says becomes a link."""
    return {"text": text.replace("](", "]\\(")}
