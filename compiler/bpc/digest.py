"""A digest of the templates, without loading anything: the up-to-date check needs it first."""

from __future__ import annotations

import hashlib
import os


def templates_directory() -> str:
    """Return the template directory of the installed package, or of the checkout."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs a start
    packaged = os.path.join(here, "templates")  # noqa: PTH118 - same
    if is_installed():
        return packaged
    return os.path.join(here, "..", "..", "templates")  # noqa: PTH118 - same


def is_installed() -> bool:
    """Whether this is an installed package; in a checkout the code may change under one version."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs a start
    return os.path.isdir(os.path.join(here, "templates"))  # noqa: PTH112, PTH118 - same


def templates_digest() -> str:
    """Return the SHA-256 of all templates: their paths and their bytes, in a fixed order."""
    root = templates_directory()
    total = hashlib.sha256()
    for directory, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(directory, name)  # noqa: PTH118 - same
            with open(path, "rb") as file:  # noqa: PTH123 - same
                content = hashlib.sha256(file.read()).hexdigest()
            total.update(f"{os.path.relpath(path, root)} {content}\n".encode())
    return total.hexdigest()
