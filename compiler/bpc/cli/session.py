"""What every command that compiles has to do: make the request, run it, print, and decide the exit code."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from bpc.cli.console import ProgressBar, coloured, data, findings, message
from bpc.diagnostics import Diagnostic, Severity
from bpc.pipeline import Request, Result, run
from bpc.pipeline.catalogue import catalogue
from bpc.pipeline.choice import UnknownCluster
from bpc.pipeline.project import find_root
from bpc.pipeline.sinks import Sink
from bpc.version import __version__

if TYPE_CHECKING:
    from bpc.report import Context

DONE, NO, NO_ANSWER, NOTHING = 0, 1, 2, 3
_UNREADABLE = ("BPC10", "BPC11", "BPC9")


@dataclass(frozen=True, slots=True)
class Session:
    """One command and the flags that decide how it answers."""

    command: str
    format: str = "text"
    fail_on: str = "error"
    exit_zero: bool = False
    color: str = "auto"
    quiet: bool = False

    def compile(self, request: Request, sink: Sink) -> Result:
        """Compile, with a progress bar where somebody watches; exits with 2 if it cannot begin."""
        bar = ProgressBar("compiling", quiet=self.quiet)
        try:
            return run(request, sink, bar)
        except UnknownCluster as error:
            known = ", ".join(f"`{name}`" for name in error.known) or "none"
            raise stop(str(error), f"known clusters: {known}") from error
        finally:
            bar.close()

    def print(self, result: Result, checked: Sequence[str] = ()) -> None:
        """Print the diagnostics: text beside other output to standard error, all else to standard output."""
        beside = self.command in ("build", "check") and self.format in ("text", "concise")
        if beside and not result.diagnostics:
            return
        from bpc.report import render  # noqa: PLC0415 - most builds have nothing to report

        stream = sys.stderr if beside else sys.stdout
        text = render(
            self.format, result.diagnostics, result.sources, self._context(stream, checked)
        )
        if beside:
            findings(text.removesuffix("\n"))
        else:
            data(text)

    def code(self, result: Result) -> int:
        """Return the exit code that the diagnostics ask for."""
        if any(each.code.number.startswith(_UNREADABLE) for each in errors(result)):
            return NO_ANSWER
        weight = Severity(self.fail_on).rank
        found = any(each.severity.rank <= weight for each in result.diagnostics)
        if found and not self.exit_zero:
            return NO
        return NOTHING if result.policies == 0 and not self.exit_zero else DONE

    def _context(self, stream: TextIO, checked: Sequence[str]) -> Context:
        from bpc.report import Context, RulePage  # noqa: PLC0415 - same

        pages = catalogue() if self.format in ("sarif", "junit") else {}
        return Context(
            tool_version=__version__,
            command=self.command,
            checked=tuple(checked),
            color=coloured(self.color, stream),
            rules={
                code.number: RulePage(page.what, f"{page.what}\n\n{page.why}")
                for code, page in pages.items()
            },
        )


def errors(result: Result) -> list[Diagnostic]:
    """Return the diagnostics that are errors."""
    return [each for each in result.diagnostics if each.severity is Severity.ERROR]


def request(
    directory: Path,
    paths: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
    shard: str | None = None,
    *,
    allow_retarget: bool = False,
) -> Request:
    """Return the request that the flags describe; the project is found from `directory` upwards."""
    if not directory.is_dir():
        raise stop(f"`{directory}` is not a directory", "give --chdir a directory")
    root = find_root(directory.resolve())
    inside = [_from_root(root, directory, path) for path in paths or ()]
    return Request(
        root=root,
        paths=tuple(inside),
        clusters=tuple(clusters) if clusters else None,
        shard=_shard(shard),
        today=datetime.datetime.now(datetime.UTC).date(),
        allow_retarget=allow_retarget,
    )


def stop(problem: str, advice: str = "") -> typer.Exit:
    """Say why the command cannot answer; the returned exception ends it."""
    message(f"error: {problem}")
    if advice:
        message(f"  = help: {advice}")
    return typer.Exit(NO_ANSWER)


def _from_root(root: Path, directory: Path, path: str) -> str:
    # Not resolve(): a symbolic link is for the reader to refuse, and not to be followed here.
    whole = Path(os.path.normpath(directory.resolve() / path))
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else path


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    number, _, total = text.partition("/")
    if number.isdecimal() and total.isdecimal() and 1 <= int(number) <= int(total):
        return int(number), int(total)
    raise stop(f"`{text}` is no part of the clusters", "write `--shard 1/4` for the first of four")
