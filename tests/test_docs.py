"""Documentation: generated pages are current, and what is written by hand keeps its promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.generate_docs import DOCS, generated

LIMITS = {"README.md": 150, "CONTRIBUTING.md": 120, "docs/architecture.md": 90}
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def test_generated_pages_are_current() -> None:
    pages = generated()
    written = {
        path.relative_to(DOCS): path.read_text(encoding="utf-8")
        for folder in ("rules", "reference")
        for path in (DOCS / folder).glob("*.md")
    }
    assert written == pages, "run `make docs`"


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_pages_that_everybody_reads_stay_short(name: str, limit: int) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize(
    "page",
    sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")]),
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
