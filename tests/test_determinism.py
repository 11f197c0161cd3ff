"""The same policies give the same bytes, whatever the surroundings."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SURROUNDINGS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "umask": "022"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kolkata", "umask": "077"},
    {"PYTHONHASHSEED": "31337", "LC_ALL": "POSIX", "TZ": "America/St_Johns", "umask": "002"},
]


def tree(root: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode,
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def build(project: Path, surroundings: dict[str, str]) -> dict[str, tuple[str, int]]:
    mask = int(surroundings["umask"], 8)
    subprocess.run(
        [sys.executable, "-m", "bpc", "build", "--quiet"],
        cwd=project,
        env={**os.environ, **{k: v for k, v in surroundings.items() if k != "umask"}},
        check=True,
        preexec_fn=lambda: os.umask(mask),
        capture_output=True,
    )
    return tree(project / "output")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    shutil.copy(ROOT / "bpc.yaml", tmp_path)
    return tmp_path


def test_hash_seed_locale_zone_and_umask_change_nothing(project: Path) -> None:
    trees = []
    for surroundings in SURROUNDINGS:
        shutil.rmtree(project / "output", ignore_errors=True)
        trees.append(build(project, surroundings))
    assert trees[0]
    assert trees[1] == trees[0]
    assert trees[2] == trees[0]


def test_the_order_of_keys_and_files_changes_nothing(project: Path) -> None:
    first = build(project, SURROUNDINGS[0])
    text = (project / "policies" / "minimal.yaml").read_text(encoding="utf-8")
    documents = text.split("---\n")
    (project / "policies" / "minimal.yaml").write_text(
        "---\n".join(documents[::-1]), encoding="utf-8"
    )
    second = build(project, SURROUNDINGS[0])
    changed = {path for path in first if first[path] != second[path]}
    assert changed == {"minimal/bpc.lock"}
