"""The command line: one module for each command, which parses flags, calls the pipeline and prints."""

from __future__ import annotations

import typer

from bpc.cli.build import build
from bpc.cli.check import check
from bpc.cli.explain import explain
from bpc.cli.init import init
from bpc.cli.lint import lint
from bpc.cli.rules import rules
from bpc.cli.schema import schema
from bpc.cli.version import version

app = typer.Typer(
    name="bpc",
    help="Compile backup policies for Kubernetes into a GitOps tree.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(build)
app.command()(check)
app.command()(lint)
app.command("validate", help="Another name for `lint`.", hidden=True)(lint)
app.command()(explain)
app.command()(schema)
app.command()(init)
app.command()(rules)
app.command()(version)

__all__ = ["app"]
