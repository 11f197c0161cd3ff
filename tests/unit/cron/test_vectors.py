from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import pytest

from bpc.cron import parse

ROOT = Path(__file__).parents[3]


class Answer(TypedDict, total=False):
    spec: str
    zone: str
    after: int
    next: list[int | None]
    error: str


def _read(path: Path) -> list[Answer]:
    with path.open(encoding="utf-8") as source:
        _, *lines = source
    return [json.loads(line) for line in lines]


def _ours(row: Answer) -> list[int | None] | None:
    try:
        schedule = parse(row["spec"])
    except ValueError:
        return None
    runs: list[int | None] = []
    after: int | None = row["after"]
    while after is not None and len(runs) < len(row.get("next", ())):
        after = schedule.next(after, row["zone"])
        runs.append(after)
    return runs


def _differences(rows: list[Answer]) -> list[Answer]:
    return [row for row in rows if _ours(row) != row.get("next")]


def test_the_sample_of_the_librarys_answers_is_met_without_a_difference() -> None:
    rows = _read(ROOT / "tests" / "vectors" / "cron-sample.jsonl")
    assert len(rows) >= 2000
    assert _differences(rows) == []


def test_all_of_the_librarys_answers_are_met_without_a_difference() -> None:
    path = ROOT.parent / "shared" / "vectors" / "cron-robfig-v3.jsonl"
    if not path.is_file():
        pytest.skip("needs ../shared/vectors/cron-robfig-v3.jsonl: all answers of the cron library")
    rows = _read(path)
    assert len(rows) == 12_000
    assert _differences(rows) == []
