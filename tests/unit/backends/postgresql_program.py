"""Stands in for every program: writes down how it is called, and prints the longest answer that fits."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main() -> int:
    """Run one call; a program that is marked as broken fails at its end."""
    program, *words = sys.argv[1:]
    state = Path(os.environ["STATE"])
    reads = program == "pg_restore" or "-" in words
    given = sys.stdin.buffer.read().decode(errors="replace") if reads else ""
    names = ("PGHOST", "PGDATABASE", "PGPASSWORD", "PGSSLMODE")
    call = [program, "|".join(words), given, *(os.environ.get(name, "") for name in names)]
    (state / f"call {time.time_ns():020}").write_text("\0".join(call), encoding="utf-8")
    text = "|".join((program, *words)) + given
    for path in sorted(state.glob("answer *"), key=lambda path: -len(path.name)):
        if path.name.removeprefix("answer ") in text:
            sys.stdout.write(path.read_text(encoding="utf-8"))
            break
    return 2 if (state / f"broken {program}").exists() else 0


if __name__ == "__main__":
    sys.exit(main())
