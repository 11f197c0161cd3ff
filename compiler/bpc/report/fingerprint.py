"""The identity of a finding across runs, so that a review tool knows an old one from a new one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from bpc.diagnostics import Diagnostic


def fingerprint(code: str, path: str, subject: str, pointer: str, ordinal: int) -> str:
    """Return 32 hexadecimal digits that do not change when lines move.

    `code` is the rule's number, `pointer` the JSON pointer, and `ordinal` tells apart findings that
    agree in all else.
    """
    identity = json.dumps([code, path, subject, pointer, ordinal])
    return hashlib.sha256(identity.encode("ascii")).hexdigest()[:32]


def distinct(diagnostics: Iterable[Diagnostic]) -> tuple[str, ...]:
    """Return the fingerprints of `diagnostics`, replacing those that are missing or repeated.

    GitLab shows only the first of two findings that share a fingerprint.
    """
    seen: dict[str, None] = {}
    for diagnostic in diagnostics:
        candidate, ordinal = diagnostic.fingerprint, 0
        while not candidate or candidate in seen:
            candidate = fingerprint(
                diagnostic.code.number,
                diagnostic.primary.span.path,
                diagnostic.subject,
                diagnostic.pointer,
                ordinal,
            )
            ordinal += 1
        seen[candidate] = None
    return tuple(seen)
