"""`bpc init`: a project that builds at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bpc.cli.console import message
from bpc.cli.session import stop
from bpc.pipeline.scaffold import Engine, scaffold

Ci = Literal["github", "gitlab", "none"]


def init(
    directory: Annotated[
        Path, typer.Argument(help="Where the project goes.", show_default=False)
    ] = Path(),
    *,
    gitops: Annotated[
        Engine, typer.Option("--gitops", help="What will apply the output.")
    ] = "plain",
    ci: Annotated[Ci, typer.Option("--ci", help="Whose CI checks the project.")] = "github",
) -> None:
    """Write a project file, a first policy, the editor schemas and a CI file; overwrite nothing."""
    files = scaffold(gitops, ci)
    present = [path for path in files if (directory / path).exists()]
    if present:
        raise stop(
            f"`{directory / present[0]}` exists already",
            "choose another directory; nothing was written",
        )
    try:
        for path, text in files.items():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            message(f"wrote {target}")
    except OSError as error:
        raise stop(
            f"cannot write `{error.filename}`: {error.strerror}", "check the path"
        ) from error
    where = "" if directory == Path() else f" --chdir {directory}"
    message(f"next: edit {directory / 'policies' / 'first.yaml'}, then run `bpc build{where}`")
