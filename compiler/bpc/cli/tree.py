"""The output tree of a project: opened for a command, and filled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bpc.cli.console import message
from bpc.cli.session import NOTHING, Session, errors
from bpc.output.tree import OutputTree, open_tree
from bpc.pipeline import Request
from bpc.pipeline.project import FILE, load
from bpc.pipeline.sinks import Into
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


def compile_into(
    tree: OutputTree, session: Session, asked: Request, *, allow_empty: bool = False
) -> int:
    """Compile into the tree and return the exit code; exits if nothing may be compared or written.

    Clusters that no policy names any more are to be removed, unless only a part was asked for.
    """
    sink = Into(tree)
    result = session.compile(asked, sink)
    session.print(result)
    code = session.code(result)
    if errors(result):
        raise typer.Exit(code)
    if not result.clusters and not allow_empty:
        message("no policy chooses a cluster here: nothing is compiled, and nothing is touched")
        raise typer.Exit(code or NOTHING)
    if asked.clusters is None and asked.shard is None and not asked.paths:
        for gone in tree.stale_clusters(result.known):
            tree.remove_cluster(gone)
    sink.settle(len(result.diagnostics))
    return code
