"""Where the files that ship beside the code are found."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def templates() -> Traversable:
    """Return the template directory of the installed wheel, or of the checkout."""
    packaged = files("bpc") / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"
