from __future__ import annotations

import pytest

from bpc.diagnostics import Code
from bpc.source import codes, parse
from bpc.source.codes import PAGES
from bpc.source.secrets import find_secrets

DECLARED = [value for value in vars(codes).values() if isinstance(value, Code)]
SHOWN = [code for code, page in PAGES.items() if page.bad]


def _found(text: str) -> set[str]:
    parsed = parse(text.encode(), "policy.yaml")
    secrets = [finding for document in parsed.documents for finding in find_secrets(document)]
    return {finding.code.name for finding in (*parsed.findings, *secrets)}


def test_every_code_has_a_page_and_a_number_of_its_own() -> None:
    assert set(DECLARED) == set(PAGES)
    assert len({code.number for code in DECLARED}) == len(DECLARED)
    assert len({code.name for code in DECLARED}) == len(DECLARED)


def test_only_what_no_snippet_can_show_has_no_example() -> None:
    assert {code.name for code in PAGES if code not in SHOWN} == {
        "too-large",
        "unreadable-file",
        "path-collision",
    }


@pytest.mark.parametrize("code", SHOWN, ids=str)
def test_bad_example_raises_the_code_and_good_example_nothing(code: Code) -> None:
    page = PAGES[code]
    assert _found(page.bad) == {code.name}
    assert _found(page.good) == set()
