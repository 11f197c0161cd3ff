"""Whole trees: what each case compiles to, file by file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.compiling import compiled

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/policy.yaml"))


def written(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_case_compiles_to_its_expected_tree(case: Path, update_golden: bool) -> None:
    result, sink = compiled(case, "policy.yaml")
    assert not result.failed, result.diagnostics
    made = {path: artifact.content for path, artifact in sorted(sink.artifacts.items())}
    expected = case / "expected"
    if update_golden:
        shutil.rmtree(expected, ignore_errors=True)
        for path, text in made.items():
            target = expected / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    assert made == written(expected)


def test_there_are_cases() -> None:
    assert CASES
