"""Making the edits that diagnostics propose, with every comment left where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bpc.diagnostics import Diagnostic, Edit
from bpc.source.edit import apply


def apply_fixes(root: Path, diagnostics: Iterable[Diagnostic]) -> int:
    """Edit the policy files below `root`; return how many edits were made."""
    wanted: dict[str, list[Edit]] = defaultdict(list)
    for diagnostic in diagnostics:
        if (
            diagnostic.edit is not None
            and diagnostic.edit not in wanted[diagnostic.edit.where.path]
        ):
            wanted[diagnostic.edit.where.path].append(diagnostic.edit)
    for path, edits in wanted.items():
        file = root / path
        text = file.read_bytes().decode()
        file.write_bytes(apply(text, edits).encode())
    return sum(len(edits) for edits in wanted.values())
