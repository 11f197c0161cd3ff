"""The command line: one module for each command, which parses flags, calls the pipeline and prints.

Only the module of the command that was asked for is loaded: most of the time that a small build takes
is spent on loading code.
"""

from __future__ import annotations

import sys
from importlib import import_module

import typer

COMMANDS = {
    "build": "build",
    "check": "check",
    "lint": "lint",
    "validate": "lint",
    "explain": "explain",
    "schema": "schema",
    "init": "init",
    "rules": "rules",
    "version": "version",
}
"""The commands, each with the module that holds its function; one is another name."""


def main() -> None:
    """Run the command that the arguments name."""
    application(sys.argv[1] if len(sys.argv) > 1 else None)()


def application(command: str | None = None) -> typer.Typer:
    """Return the command line: with one command if it is known, else with all of them."""
    app = typer.Typer(
        name="bpc",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(help="Compile backup policies for Kubernetes into a GitOps tree.")(_nothing)
    wanted = [command] if command in COMMANDS else list(COMMANDS)
    for name in wanted:
        module = COMMANDS[name]
        function = getattr(import_module(f"bpc.cli.{module}"), module)
        if name == module:
            app.command(name)(function)
        else:
            app.command(name, help=f"Another name for `{module}`.", hidden=True)(function)
    return app


def _nothing() -> None:
    """Do nothing; with it Typer takes even a single command by its name."""
