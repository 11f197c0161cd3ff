"""`bpc lint`: everything that can be said of the policies, without writing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bpc.cli import options
from bpc.cli.console import message
from bpc.cli.fixes import apply_fixes
from bpc.cli.session import Session, request
from bpc.pipeline.sinks import Nowhere


def lint(
    paths: options.Paths = None,
    *,
    chdir: options.Directory = Path(),
    cluster: options.Clusters = None,
    shard: options.Shard = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Make the edits that are safe, such as a misspelt key.")
    ] = False,
    allow_retarget: options.AllowRetarget = False,
    format: options.Formats = "text",  # noqa: A002 - the name of the flag
    fail_on: options.FailOn = "error",
    exit_zero: options.ExitZero = False,
    color: options.Colours = "auto",
    quiet: options.Quiet = False,
) -> None:
    """Check the policies: text, schema, meaning, protection, and what they compile to.

    The policies are compiled as for a build, so that what a cluster would refuse is found as well.
    """
    session = Session("lint", format, fail_on, exit_zero, color, quiet)
    asked = request(chdir, paths, cluster, shard, allow_retarget=allow_retarget)
    sink = Nowhere()
    result = session.compile(asked, sink)
    if fix:
        fixed = apply_fixes(asked.root, result.diagnostics)
        if fixed and not quiet:
            message(f"{fixed} edits made")
        result = session.compile(asked, sink)
    session.print(result, checked=sorted(sink.subjects))
    raise typer.Exit(session.code(result))
