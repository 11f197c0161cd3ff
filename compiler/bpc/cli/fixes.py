"""Making the edits that diagnostics propose, with every other byte of the files left as it is."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bpc.cli.console import message
from bpc.diagnostics import Diagnostic, Edit
from bpc.source.edit import EditError, apply
from bpc.source.files import read_file


def apply_fixes(root: Path, diagnostics: Iterable[Diagnostic]) -> int:
    """Edit the policy files below `root`; return how many edits were made."""
    wanted: dict[str, list[Edit]] = defaultdict(list)
    for diagnostic in diagnostics:
        edit = diagnostic.edit
        if edit is not None and edit not in wanted[edit.where.path]:
            wanted[edit.where.path].append(edit)
    return sum(_edit(root, path, edits) for path, edits in wanted.items())


def _edit(root: Path, path: str, edits: list[Edit]) -> int:
    content = read_file(root, path)
    if not isinstance(content, bytes):
        return 0
    try:
        text = apply(content.decode(), edits)
    except EditError as error:
        message(f"{path} is left as it is: {error}")
        return 0
    _replace(root / path, text.encode())
    return len(edits)


def _replace(target: Path, content: bytes) -> None:
    """Put a file in the place of another, so that nobody ever sees half of it."""
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, target.stat().st_mode & 0o777)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
