"""The output tree of a project, opened for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bpc.output.tree import OutputTree, open_tree
from bpc.pipeline.project import FILE, load
from bpc.source.files import read_file


def output_of(root: Path) -> str:
    """Return the output directory that a project names, relative to its root."""
    content = read_file(root, FILE) if (root / FILE).exists() else None
    return load(content).project.output


@contextmanager
def opened(root: Path, *, readonly: bool) -> Iterator[OutputTree]:
    """Open the output tree; raises OutputError."""
    content = read_file(root, FILE) if (root / FILE).exists() else None
    project = load(content).project
    forbidden = [root, Path.home(), *(root / entry for entry in project.policies)]
    with open_tree(root / project.output, forbidden=forbidden, readonly=readonly) as tree:
        yield tree
