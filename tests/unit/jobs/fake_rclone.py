"""Stands in for rclone: a store that is a directory, with the few commands that the scripts use.

It encrypts nothing. FAULT in the environment makes one thing go wrong, and says which.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

FAULT = os.environ.get("FAULT", "")
NOT_FOUND = 3


def path_of(name: str) -> Path:
    remote, _, rest = name.partition(":")
    if remote == "sealed":
        return path_of(f"{os.environ['RCLONE_CONFIG_SEALED_REMOTE']}/{rest}")
    return Path(rest)


def obscure(_: str) -> int:
    sys.stdout.write("obscured " + sys.stdin.read())
    return 0


def rcat(place: str) -> int:
    content = sys.stdin.buffer.read()
    if FAULT == "full" or (FAULT == "no-record" and "records" in place):
        return 1
    path = path_of(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content[:-1] if FAULT == "truncate" else content)
    return 0


def cat(place: str) -> int:
    path = path_of(place)
    if not path.exists():
        return NOT_FOUND
    content = path.read_bytes()
    sys.stdout.buffer.write(content.replace(b"7", b"8") if FAULT == "flip" else content)
    return 0


def lsf(option: str, place: str) -> int:
    path = path_of(place)
    if FAULT == "unreachable":
        return 1
    if not path.is_dir():
        return NOT_FOUND
    for each in sorted(path.iterdir()):
        if each.is_dir() == (option == "--dirs-only"):
            sys.stdout.write(each.name + "/" * each.is_dir() + "\n")
    return 0


def deletefile(place: str) -> int:
    if FAULT == "denied":
        return 1
    path_of(place).unlink()
    return 0


def purge(place: str) -> int:
    shutil.rmtree(path_of(place))
    return 0


def copy(*words: str) -> int:
    source, target = (path_of(word) for word in words if ":" in word)
    shutil.copytree(source, target, dirs_exist_ok=True)
    return 0


COMMANDS = {each.__name__: each for each in (obscure, rcat, cat, lsf, deletefile, purge, copy)}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
