"""`bpc build`: policies in, output tree out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bpc.cli import options
from bpc.cli.console import data, message, safe
from bpc.cli.session import Session, request, stop
from bpc.cli.tree import compile_into, opened, output_of
from bpc.output.cluster import Changes
from bpc.output.errors import HandEditedError, OutputError

_SHOWN = 20


def build(
    paths: options.Paths = None,
    *,
    chdir: options.Directory = Path(),
    cluster: options.Clusters = None,
    shard: options.Shard = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that were edited by hand.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be written and deleted; write nothing."),
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let a cluster's directory become empty.")
    ] = False,
    allow_retarget: options.AllowRetarget = False,
    format: options.Formats = "text",  # noqa: A002 - the name of the flag
    fail_on: options.FailOn = "error",
    exit_zero: options.ExitZero = False,
    color: options.Colours = "auto",
    quiet: options.Quiet = False,
) -> None:
    """Compile the policies and write the output tree.

    Nothing is written if anything is an error. Files that are already right are not touched; files that
    no policy makes any more are removed; files that were edited by hand stop the build.
    """
    session = Session("build", format, fail_on, exit_zero, color, quiet)
    asked = request(chdir, paths, cluster, shard, allow_retarget=allow_retarget)
    try:
        with opened(asked.root, readonly=dry_run) as tree:
            code = compile_into(tree, session, asked, allow_empty=allow_empty)
            if dry_run:
                data("\n".join(safe(f"{drift.action} {drift.path}") for drift in tree.drift()))
            else:
                changes = tree.commit(force=force, allow_empty=allow_empty)
                _say(changes, output_of(asked.root), quiet=quiet)
    except HandEditedError as error:
        _refused(error)
        raise typer.Exit(1) from error
    except OutputError as error:
        raise stop(error.message, error.help) from error
    raise typer.Exit(code)


def _refused(error: HandEditedError) -> None:
    message(f"error: {error.message}")
    for path in error.paths[:_SHOWN]:
        message(f"  {path}")
    if len(error.paths) > _SHOWN:
        message(f"  and {len(error.paths) - _SHOWN} more")
    message(f"  = help: {error.help}")


def _say(changes: list[Changes], output: str, *, quiet: bool) -> None:
    if quiet:
        return
    written = sum(change.written for change in changes)
    removed = sum(change.removed for change in changes)
    unchanged = sum(change.unchanged for change in changes)
    message(
        f"{output}: {len(changes)} clusters, {written} files written, {removed} removed, "
        f"{unchanged} unchanged"
    )
    for change in changes:
        for path in change.foreign:
            message(
                f"note: {output}/{change.cluster}/{path} was not written by bpc; it is left alone"
            )
