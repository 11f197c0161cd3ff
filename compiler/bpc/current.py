"""Whether `bpc build` has anything to do, answered without loading the compiler.

Only an installed package may answer: in a checkout the code changes while its version stays.
"""

from __future__ import annotations

import json
import os
import re
import sys

from bpc.digest import is_installed, templates_digest
from bpc.output.uptodate import standing
from bpc.version import __version__

_PROJECT = "bpc.yaml"
_OUTPUT = re.compile(rb"^output: *([A-Za-z0-9_][A-Za-z0-9._/-]*) *$", re.MULTILINE)
_LOCK = "bpc.lock"


def say_if_current() -> bool:
    """Say so and return True if every policy and every file is as the last build left it."""
    if not is_installed() or not _at_root():
        return False
    project = _read(_PROJECT)
    # Only where the lock is looked for: that it was made from this very project file is checked there.
    match = _OUTPUT.search(project or b"")
    output = match[1].decode() if match else "output"
    header = _any_header(output)
    if header is None:
        return False
    options = header.get("options")
    policies = options.get("policies", "").split() if isinstance(options, dict) else []
    inputs = [path for entry in policies for path in _policies(entry)]
    expected = {
        "bpc": __version__,
        "templates": templates_digest(),
        "tzdata": header.get("tzdata"),
        "options": options,
    }
    if header.get("tzdata") != _tzdata():
        return False
    found = standing(output, [*inputs, *([_PROJECT] if project is not None else [])], expected)
    if found is None:
        return False
    noted = f", {found.warnings} warnings (see `bpc lint`)" if found.warnings else ""
    sys.stderr.write(f"{output}: {found.files} files are up to date{noted}\n")
    return True


def _at_root() -> bool:
    return os.path.isfile(_PROJECT) or os.path.isdir(".git")  # noqa: PTH112, PTH113 - no pathlib here


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - same
            return file.read()
    except OSError:
        return None


def _any_header(output: str) -> dict[str, object] | None:
    try:
        for name in sorted(os.listdir(output)):  # noqa: PTH208 - same
            content = _read(f"{output}/{name}/{_LOCK}")
            if content is not None:
                header = json.loads(content.partition(b"\n")[0])
                return header if isinstance(header, dict) else None
    except (OSError, ValueError):
        pass
    return None


def _policies(entry: str) -> list[str]:
    if os.path.isfile(entry):  # noqa: PTH113 - same
        return [entry]
    found = []
    for directory, folders, names in os.walk(entry):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            f"{directory}/{name}"
            for name in names
            if name.casefold().endswith((".yaml", ".yml")) and not name.startswith(".")
        ]
    return found


def _tzdata() -> str | None:
    for place in sys.path:
        content = _read(f"{place}/tzdata/zoneinfo/tzdata.zi")
        if content is not None:
            return content.partition(b"\n")[0].decode().removeprefix("# version").strip()
    return None
