"""A tool, and the kinds of place that tools come from."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class UnobtainableError(Exception):
    """A source cannot be had on this machine; the text is the reason that tests give for skipping."""


class Source(Protocol):
    """Something that brings one or more tools."""

    @property
    def label(self) -> str:
        """Name the source in the record and in the names of logs."""

    def obtain(self) -> Path:
        """Return the directory that the programs are under, fetching what is not there yet."""


@dataclass(frozen=True)
class Tool:
    """One program."""

    name: str
    source: Source
    program: str
    """where it is under the source's directory; a pattern, of which the last match counts"""
    arguments: tuple[str, ...] = ("--version",)
    """what makes it print its version; without any, the version is in the name of the file"""


NUMBER = re.compile(r"\d+\.\d+[\w.+~-]*")


def cache() -> Path:
    """Return the directory that everything is kept in, outside the repository."""
    chosen = os.environ.get("ACCEPTANCE_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "bpc-acceptance"


def run(
    label: str,
    argv: Sequence[str | Path],
    *,
    seconds: float,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command of an installation, keep what it says in a log, and return its output."""
    log = cache() / "log" / f"{label}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            check=False,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
        )
    except FileNotFoundError as error:
        raise UnobtainableError(f"`{argv[0]}` is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise UnobtainableError(f"`{argv[0]}` took longer than {seconds:.0f} s") from error
    with log.open("a") as lines:
        lines.write(f"$ {' '.join(map(str, argv))}\n{done.stdout}{done.stderr}")
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise UnobtainableError(f"`{Path(argv[0]).name}` failed: {said[-1]} (see {log})")
    return done.stdout
