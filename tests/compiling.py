"""Compiling policies inside a test, and running the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bpc.pipeline import Request, Result, run
from bpc.plan.artifact import Artifact
from bpc.plan.estate import PolicyPlan


def content_of(artifact: Artifact) -> str:
    """Return what a file holds, also if it is a stream."""
    if isinstance(artifact.content, str):
        return artifact.content
    artifact.content.seek(0)
    return artifact.content.read().decode()


@dataclass
class Kept:
    """A sink that keeps every file."""

    artifacts: dict[str, Artifact] = field(default_factory=dict)
    plans: list[PolicyPlan] = field(default_factory=list)

    def begin(self, inputs: object, options: object) -> None:
        """Do nothing."""

    def witness(self, plan: PolicyPlan) -> None:
        """Keep the plan."""
        self.plans.append(plan)

    def add(self, cluster: str, artifact: Artifact) -> None:
        """Keep the file, which must be the only one of its path."""
        path = f"{cluster}/{artifact.path}"
        assert path not in self.artifacts
        self.artifacts[path] = replace(artifact, content=content_of(artifact))


def compiled(root: Path, *paths: str) -> tuple[Result, Kept]:
    """Compile a project, or just some files of it."""
    sink = Kept()
    return run(Request(root, paths), sink), sink


def bpc(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, code: int | None = 0
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would; `code` is the exit code that is expected, if any is."""
    result = subprocess.run(
        [sys.executable, "-m", "bpc", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in result.stderr, result.stderr
    if code is not None:
        assert result.returncode == code, f"{result.returncode}\n{result.stdout}\n{result.stderr}"
    return result
