"""`bpc version`."""

from __future__ import annotations

import platform
from typing import Annotated

import typer

from bpc.cli.console import data
from bpc.cron import tzdata_version
from bpc.digest import is_installed, templates_digest
from bpc.validate import kubernetes_minors
from bpc.version import __version__


def version(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also say what it was built with.")
    ] = False,
) -> None:
    """Print the release."""
    data(f"bpc {__version__}")
    if verbose:
        minors = kubernetes_minors()
        data(f"python      {platform.python_version()}")
        data(f"kubernetes  {minors[0]} to {minors[-1]}")
        data(f"tzdata      {tzdata_version()}")
        data(f"templates   {templates_digest()}{'' if is_installed() else ' (checkout)'}")
