"""Tools that Debian does not have, built from the Go module proxy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.tools.model import cache, run

# A build may take all of a slow machine, but the tests that wait for it may not wait for ever.
BUILD = 600
# Toolchains are not fetched, and the cache is not a checkout.
ENVIRONMENT = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod -buildvcs=false"}


def go(label: str, *arguments: str, cwd: Path, seconds: float = BUILD) -> str:
    """Run the Go command."""
    return run(label, ["go", *arguments], seconds=seconds, cwd=cwd, environment=ENVIRONMENT)


def fresh(directory: Path) -> Path:
    """Return an empty directory."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


@dataclass(frozen=True)
class Required:
    """Programs built from a module of our own that requires theirs.

    The `replace` lines of their own modules, which point to folders beside them, do not count there.
    """

    label: str
    modules: tuple[str, ...]
    programs: tuple[tuple[str, str], ...]
    """name of a program and its package"""

    def obtain(self) -> Path:
        """Build, unless that is done."""
        root = cache() / self.label
        if not all((root / "bin" / name).exists() for name, _ in self.programs):
            module = fresh(root / "module")
            go(self.label, "mod", "init", "example.invalid/tools", cwd=module)
            go(self.label, "get", *self.modules, cwd=module)
            for name, package in self.programs:
                go(self.label, "build", "-o", str(root / "bin" / name), package, cwd=module)
        return root


@dataclass(frozen=True)
class Copied:
    """Programs built in a copy of their module, with the versions and sums that it brings itself."""

    label: str
    module: str
    version: str
    programs: tuple[tuple[str, str], ...]
    """name of a program and its folder"""
    sums: tuple[str, ...] = ()
    """lines of `go.sum` for a module that the checksum database does not serve"""
    files: tuple[tuple[str, str], ...] = ()
    """what a release adds to the sources"""
    flags: tuple[str, ...] = ()

    def obtain(self) -> Path:
        """Build, unless that is done."""
        root = cache() / self.label
        if not all((root / "bin" / name).exists() for name, _ in self.programs):
            source = self.source(root)
            for name, folder in self.programs:
                target = str(root / "bin" / name)
                go(self.label, "build", *self.flags, "-o", target, f"./{folder}", cwd=source)
            shutil.rmtree(source)
        return root

    def source(self, root: Path) -> Path:
        """Return a copy of the module that can be built in."""
        stub = fresh(root / "module")
        go(self.label, "mod", "init", "example.invalid/tools", cwd=stub)
        # Pinned sums are what Go checks the download against, instead of the checksum database.
        (stub / "go.sum").write_text("".join(f"{self.module} {line}\n" for line in self.sums))
        go(self.label, "mod", "edit", f"-require={self.module}@{self.version}", cwd=stub)
        answer = go(self.label, "mod", "download", "-json", self.module, cwd=stub, seconds=180)
        described: Mapping[str, str] = json.loads(answer)
        source = root / "source"
        shutil.rmtree(source, ignore_errors=True)
        shutil.copytree(described["Dir"], source)
        for path in [source, *source.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
        # Archives of modules leave out what was vendored, but not the list of it.
        shutil.rmtree(source / "vendor", ignore_errors=True)
        for name, content in self.files:
            (source / name).write_text(content)
        return source
