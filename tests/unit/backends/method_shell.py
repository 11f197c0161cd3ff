"""Shells that run a method's script word by word, as the scripts of the jobs do."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT


@dataclass
class MethodShell:
    """One script in one shell. `programs` are put before the machine's on the PATH."""

    shell: str
    script: str
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make its directories, or skip where the shell is missing."""
        if shutil.which(self.shell.split()[0]) is None:
            pytest.skip(f"needs {self.shell}: the script in one more shell")
        self.scratch = self.home / "scratch"
        self.scratch.mkdir(parents=True)
        folder = self.home / "bin"
        folder.mkdir()
        for name, text in self.programs.items():
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)

    def run(
        self, *words: str, given: bytes = b"", **values: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Start the script with a word of the protocol, and standard input."""
        return subprocess.run(
            [*self.shell.split(), str(ROOT / "templates" / self.script), *words],
            input=given,
            capture_output=True,
            check=False,
            cwd=self.home,
            timeout=120,
            env={
                "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.home),
                "SCRATCH": str(self.scratch),
                "SCRIPTS": str(self.home),
                "TARGET": "",
                **self.environment,
                **values,
            },
        )

    def lines(self, word: str, **values: str) -> list[str]:
        """Start a word that has to succeed, and return the lines that it prints."""
        done = self.run(word, given=b"", **values)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().splitlines()

    def capture(self, part: str) -> bytes:
        """Return a part, which has to be captured and to stand its check."""
        done = self.run("capture", part)
        assert done.returncode == 0, done.stderr.decode()
        checked = self.run("verify", part, given=done.stdout)
        assert checked.returncode == 0, checked.stderr.decode()
        return done.stdout

    def want(self, parts: Mapping[str, bytes]) -> None:
        """Begin a restore of these parts, in a scratch directory of its own."""
        shutil.rmtree(self.scratch)
        self.scratch.mkdir()
        lines = [
            f"{part} {len(data)} {hashlib.sha256(data).hexdigest()}\n"
            for part, data in parts.items()
        ]
        (self.scratch / "wanted").write_text("".join(lines), encoding="utf-8")
