"""The flags that several commands share, each with its environment variable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown"]
Level = Literal["error", "warning", "info"]
Colour = Literal["auto", "always", "never"]

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Files and directories with policies; those that bpc.yaml names unless given.",
        show_default=False,
    ),
]
Directory = Annotated[
    Path,
    typer.Option(
        "--chdir", "-C", envvar="BPC_CHDIR", help="Work in this directory.", show_default=False
    ),
]
Clusters = Annotated[
    list[str] | None,
    typer.Option(
        "--cluster",
        envvar="BPC_CLUSTER",
        help="Compile only this cluster; may be repeated.",
        show_default=False,
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(
        "--shard",
        envvar="BPC_SHARD",
        metavar="I/N",
        help="Compile the Ith of N parts of the clusters.",
        show_default=False,
    ),
]
Formats = Annotated[
    Format, typer.Option("--format", envvar="BPC_FORMAT", help="How diagnostics are printed.")
]
FailOn = Annotated[
    Level,
    typer.Option(
        "--fail-on", envvar="BPC_FAIL_ON", help="The least severity that makes the answer no."
    ),
]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 even if the answer is no.")
]
Colours = Annotated[
    Colour, typer.Option("--color", envvar="BPC_COLOR", help="Whether text is coloured.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="BPC_QUIET", help="Say nothing but diagnostics.")
]
AllowRetarget = Annotated[
    bool,
    typer.Option(
        "--allow-retarget", help="Let a storage location come to mean another bucket or folder."
    ),
]
