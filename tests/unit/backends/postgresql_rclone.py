"""Stands in for rclone with the remotes `archive:` and `store:`; it encrypts nothing.

The archive is the directory ARCHIVE. What FAULT names fails, and `flip` changes what is read.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NOT_FOUND = 3
FAULT = os.environ.get("FAULT", "")


def place(name: str) -> Path:
    """Return where a name of a remote is on the disk."""
    remote, _, rest = name.partition(":")
    return Path(os.environ["ARCHIVE"], rest) if remote == "archive" else Path(rest)


def main(command: str, *words: str) -> int:
    """Run one command."""
    names = [word for word in words if not word.startswith("--")]
    match command:
        case "obscure":
            sys.stdout.write("obscured")
        case "copyto":
            if FAULT == "copyto":
                return 1
            target = place(names[1])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(Path(names[0]).read_bytes())
        case "cat":
            found = place(names[0])
            if not found.exists():
                return NOT_FOUND
            data = found.read_bytes()
            sys.stdout.buffer.write(data[:-1] + bytes([data[-1] ^ 1]) if FAULT == "flip" else data)
        case "lsf":
            return listed(place(names[0]), folders="--dirs-only" in words)
        case "delete":
            return deleted(place(names[-1]), words, names)
        case _:
            return 9
    return 0


def listed(top: Path, *, folders: bool) -> int:
    """Print the names below a directory."""
    if FAULT == "lsf":
        return 1
    if not top.is_dir():
        return NOT_FOUND
    for each in sorted(top.iterdir() if folders else top.rglob("*")):
        if each.is_dir() == folders:
            sys.stdout.write(f"{each.relative_to(top)}{'/' * folders}\n")
    return 0


def deleted(top: Path, words: tuple[str, ...], names: list[str]) -> int:
    """Delete the files that a list names; with an age only note it."""
    if "--min-age" in words:
        (top / "too-old").write_text(names[0], encoding="utf-8")
        return 0
    for line in Path(names[0]).read_text(encoding="utf-8").splitlines():
        (top / line).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
