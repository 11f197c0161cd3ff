"""`bpc check`: whether the committed output is what the policies compile to."""

from __future__ import annotations

from pathlib import Path

import typer

from bpc.cli import options
from bpc.cli.console import data, message, safe
from bpc.cli.session import NO_ANSWER, Session, request, stop
from bpc.cli.tree import compile_into, opened, output_of
from bpc.output.cause import Cause
from bpc.output.errors import OutputError


def check(
    paths: options.Paths = None,
    *,
    chdir: options.Directory = Path(),
    cluster: options.Clusters = None,
    shard: options.Shard = None,
    allow_retarget: options.AllowRetarget = False,
    format: options.Formats = "text",  # noqa: A002 - the name of the flag
    fail_on: options.FailOn = "error",
    exit_zero: options.ExitZero = False,
    color: options.Colours = "auto",
    quiet: options.Quiet = False,
) -> None:
    """Compare the committed output with what the policies compile to; write nothing.

    Every difference is listed with its cause: a policy that changed, a file that was edited by hand,
    another release of bpc.
    """
    session = Session("check", format, fail_on, exit_zero, color, quiet)
    asked = request(chdir, paths, cluster, shard, allow_retarget=allow_retarget)
    try:
        with opened(asked.root, readonly=True) as tree:
            code = compile_into(tree, session, asked)
            drifts = list(tree.drift())
    except OutputError as error:
        raise stop(error.message, error.help) from error
    output = output_of(asked.root)
    for drift in drifts:
        data(safe(f"{drift.kind}: {output}/{drift.path}: {drift.reason.text}"))
    if drifts and any(drift.reason.cause is Cause.TOOL for drift in drifts):
        raise typer.Exit(0 if exit_zero else NO_ANSWER)
    if not quiet:
        message(f"{output}: {len(drifts)} differences" if drifts else f"{output} is up to date")
    raise typer.Exit(1 if drifts and not exit_zero else code)
