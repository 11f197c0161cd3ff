"""Obtain the tools: `python -m tests.acceptance.tools [--retry] [NAME ...]`.

A tool that cannot be had is recorded with the reason, and the tests that need it are skipped by name.
What is recorded is not asked for again, so a second run is instant and works without a network;
`--retry` asks again for what was missing.
"""

from __future__ import annotations

import argparse
import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.tools import record
from tests.acceptance.tools.catalogue import TOOLS
from tests.acceptance.tools.model import NUMBER, Tool, UnobtainableError, cache


@contextmanager
def alone() -> Iterator[None]:
    """Wait for another installation into the same cache to end."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def known(tool: Tool, entry: record.Entry, retry: bool) -> bool:
    """Tell whether nothing has to be done for a tool."""
    if entry.get("recipe") != repr(tool):
        return False
    return not retry if "missing" in entry else record.find(tool.name) is not None


def locate(tool: Tool) -> Path:
    """Obtain the source of a tool, and return where the program is."""
    found = sorted(tool.source.obtain().glob(tool.program))
    if not found:
        raise UnobtainableError(f"{tool.source.label} does not bring {tool.program}")
    return found[-1]


def says(program: Path, arguments: Sequence[str]) -> str:
    """Return what a program prints about itself."""
    answer = subprocess.run(
        [program, *arguments],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    return answer.stdout + answer.stderr


def obtain(tool: Tool) -> record.Entry:
    """Obtain one tool, and ask it for its version."""
    try:
        program = locate(tool)
        text = says(program, tool.arguments) if tool.arguments else program.name
    except (UnobtainableError, OSError, subprocess.TimeoutExpired) as error:
        return record.Entry(recipe=repr(tool), missing=str(error))
    number = NUMBER.search(text)
    version = number[0].removesuffix(".jar").rstrip(".") if number else "unknown"
    return record.Entry(recipe=repr(tool), path=str(program), version=version)


def main() -> None:
    """Obtain what is asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.tools", description=__doc__)
    parser.add_argument("--retry", action="store_true", help="ask again for what was missing")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these tools")
    options = parser.parse_args()
    failed: dict[str, str] = {}
    with alone():
        entries = {tool.name: record.read().get(tool.name, record.Entry()) for tool in TOOLS}
        for tool in TOOLS:
            chosen = not options.names or tool.name in options.names
            if not chosen or known(tool, entries[tool.name], options.retry):
                continue
            began = time.monotonic()
            # One source that fails is not asked once for each of its tools.
            reason = failed.get(tool.source.label)
            entry = record.Entry(recipe=repr(tool), missing=reason) if reason else obtain(tool)
            if "missing" in entry:
                failed[tool.source.label] = entry["missing"]
            entries[tool.name] = entry
            record.write({name: each for name, each in entries.items() if each})
            sys.stderr.write(f"{tool.name}: {time.monotonic() - began:.1f} s\n")
    for tool in TOOLS:
        entry = entries[tool.name]
        state = entry.get("version") or f"missing: {entry.get('missing', 'not asked for')}"
        sys.stdout.write(f"{tool.name:20} {state}\n")


if __name__ == "__main__":
    main()
