"""The pages of the codes that are not rules: their examples do what they say, from file to diagnostic."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from bpc.diagnostics import Code
from bpc.pipeline import Request, run
from bpc.pipeline.codes import PAGES as PROJECT_PAGES
from bpc.pipeline.sinks import Nowhere
from bpc.plan.codes import PAGES as PLAN_PAGES
from bpc.render import dump
from bpc.source import parse
from tests.estates import merged

PAGES = {**PLAN_PAGES, **PROJECT_PAGES}
WITH_EXAMPLE = [code for code, page in PAGES.items() if page.bad]
TODAY = datetime.date(2026, 11, 24)


def found(text: str, root: Path) -> set[Code]:
    documents = [document.data for document in parse(text.encode(), "page").documents]
    projects = [document for document in documents if document["kind"] == "Project"]
    if projects:
        project = {"apiVersion": "bpc/v1", **projects[0]}
        (root / "bpc.yaml").write_text(dump([project]), encoding="utf-8")  # type: ignore[list-item]
        text = ""
    (root / "policies").mkdir()
    (root / "policies" / "p.yaml").write_text(dump(merged(text)), encoding="utf-8")  # type: ignore[arg-type]
    result = run(Request(root, today=TODAY), Nowhere())
    return {diagnostic.code for diagnostic in result.diagnostics}


@pytest.mark.parametrize("code", WITH_EXAMPLE, ids=lambda code: code.name)
def test_the_bad_example_is_found(code: Code, tmp_path: Path) -> None:
    assert code in found(PAGES[code].bad, tmp_path)


@pytest.mark.parametrize("code", WITH_EXAMPLE, ids=lambda code: code.name)
def test_the_good_example_is_not_found(code: Code, tmp_path: Path) -> None:
    assert code not in found(PAGES[code].good, tmp_path)


def test_only_what_cannot_be_shown_in_a_policy_has_no_example() -> None:
    without = {code.name for code in PAGES if code not in WITH_EXAMPLE}
    assert without == {"location-retargeted", "invalid-output", "broken-template"}
