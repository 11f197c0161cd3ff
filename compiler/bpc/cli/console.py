"""Writing to the terminal: data on standard output, messages on standard error."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE = 1.0


def data(text: str) -> None:
    """Write what was asked for to standard output."""
    if text:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()


def safe(text: str) -> str:
    """Return a line in which nothing, such as the name of a file, acts on the terminal."""
    if text.isascii() and text.isprintable():
        return text
    from bpc.report.printable import printable  # noqa: PLC0415 - loads all formats, and is rarely needed

    return printable(text)


def message(text: str) -> None:
    """Write one line to standard error; names of files in it cannot act on the terminal."""
    findings(safe(text))


def findings(text: str) -> None:
    """Write a finished report, of lines that are safe to show, to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def coloured(choice: str, stream: TextIO) -> bool:
    """Whether text on a stream is to be coloured."""
    if choice == "auto":
        plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        return stream.isatty() and not plain
    return choice == "always"


class ProgressBar:
    """A bar on a terminal, once the work has taken a second; nothing elsewhere."""

    def __init__(self, what: str, *, quiet: bool) -> None:
        self._what = what
        self._shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not quiet
        self._start = time.monotonic()
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Take note of progress."""
        if not self._shown or time.monotonic() - self._start < _PATIENCE:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
            self._bar.add_task(self._what, total=total)
        self._bar.update(self._bar.task_ids[0], completed=done)

    def close(self) -> None:
        """Take the bar off the terminal."""
        if self._bar is not None:
            self._bar.stop()


def _bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - slow, and rarely wanted
    from rich.progress import (  # noqa: PLC0415 - same
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
