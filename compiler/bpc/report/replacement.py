"""An edit of a policy as a replacement of text."""

from __future__ import annotations

import json
import re

from bpc.diagnostics import Diagnostic, Edit, Span
from bpc.report.contents import SourceText

# What stands before the start of a scalar: indentation and dashes, a key, or a flow indicator.
_LEAD = re.compile(r"([\s-]*\s)?|.*(:\s+|[,\[{]\s*)")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
# Words that some YAML parser reads as something other than text.
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def replacement(diagnostic: Diagnostic, sources: SourceText) -> tuple[Span, str] | None:
    """Return the span to replace and its new text, or None unless the primary label marks just that."""
    edit, span = diagnostic.edit, diagnostic.primary.span
    if edit is None or span.line != span.end_line:
        return None
    where = edit.where
    here = (span.path, diagnostic.document, diagnostic.pointer)
    lines = sources.lines(span.path)
    if (where.path, where.document, where.json_pointer) != here or len(lines) < span.line:
        return None
    if not _is_whole(span, lines[span.line - 1], key=edit.rename is not None):
        return None
    text = _text(edit)
    return None if text is None else (span, text)


def _is_whole(span: Span, line: str, *, key: bool) -> bool:
    """Return whether the span covers a whole key or a whole value, rather than a part of a scalar."""
    before, after = line[: span.column - 1], line[span.end_column - 1 :].lstrip()
    follows = (":",) if key else ("", *",]}#")
    return _LEAD.fullmatch(before) is not None and after[:1] in follows


def _text(edit: Edit) -> str | None:
    value = edit.value if edit.rename is None else edit.rename
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else None
