"""What the last installation found: `tools.json` in the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from tests.acceptance.tools.model import cache

INSTALL = "run `python -m tests.acceptance.tools` first"


class MissingToolError(Exception):
    """A tool that something needs is not there."""


class Entry(TypedDict, total=False):
    """What is known of one tool: either path and version, or why it is missing."""

    recipe: str
    path: str
    version: str
    missing: str


def read() -> dict[str, Entry]:
    """Return what is recorded, which is nothing before the first installation."""
    try:
        content: dict[str, Entry] = json.loads((cache() / "tools.json").read_text())
    except FileNotFoundError:
        return {}
    return content


def write(entries: dict[str, Entry]) -> None:
    """Replace the record in one step, so that a test that reads it meanwhile sees all or nothing."""
    target = cache() / "tools.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n")
    fresh.replace(target)


def find(name: str) -> Path | None:
    """Return where a tool is, if it is there."""
    path = read().get(name, Entry()).get("path")
    return Path(path) if path and Path(path).exists() else None


def version(name: str) -> str | None:
    """Return the version that a tool gave at its installation."""
    return read().get(name, Entry()).get("version") if find(name) else None


def why_missing(name: str) -> str:
    """Return the reason why a tool is not there, or nothing if it is."""
    if find(name):
        return ""
    entry = read().get(name)
    if entry is None:
        return INSTALL
    return entry.get("missing") or f"{entry.get('path')} is gone; {INSTALL}"


def require(name: str) -> Path:
    """Return where a tool is, or raise with the reason."""
    path = find(name)
    if path is None:
        raise MissingToolError(f"{name}: {why_missing(name)}")
    return path
