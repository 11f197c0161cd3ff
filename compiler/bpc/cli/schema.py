"""`bpc schema`: the JSON Schemas of the language and of the reports."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from bpc.cli.console import data, message
from bpc.cli.session import stop
from bpc.pipeline.schemas import schema_text

Which = Literal["policy", "project", "report"]
_MODELINE = "# yaml-language-server: $schema="


def schema(
    which: Annotated[Which, typer.Argument(help="Which files the schema is for.")] = "policy",
    *,
    editor: Annotated[
        bool, typer.Option("--editor", help="The friendlier schema, for completion and hover.")
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write", metavar="DIR", help="Write all schemas into a directory.", show_default=False
        ),
    ] = None,
    modeline: Annotated[
        list[Path] | None,
        typer.Option(
            "--modeline",
            metavar="FILE",
            help="Put a line at the top of a policy that leads editors to the schema in --write.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print a JSON Schema, or write all of them and lead editors to them."""
    if modeline and write is None:
        raise stop("--modeline needs a schema to lead to", "add `--write DIR`")
    if write is None:
        data(schema_text(which, editor=editor))
        return
    try:
        write.mkdir(parents=True, exist_ok=True)
        for name in ("policy", "project", "report"):
            target = write / f"{name}.schema.json"
            target.write_text(schema_text(name, editor=name != "report"), encoding="utf-8")
            message(f"wrote {target}")
        for policy in modeline or ():
            _lead(policy, write / "policy.schema.json")
    except OSError as error:
        raise stop(
            f"cannot write `{error.filename}`: {error.strerror}", "check the path"
        ) from error


def _lead(policy: Path, schema_file: Path) -> None:
    text = policy.read_text(encoding="utf-8")
    target = os.path.relpath(schema_file.absolute(), policy.parent.absolute())
    line = f"{_MODELINE}{target}\n"
    if text.startswith(_MODELINE):
        text = text.partition("\n")[2]
    policy.write_text(line + text, encoding="utf-8")
    message(f"{policy} leads to {target}")
