from __future__ import annotations

from dataclasses import replace

import pytest

from bpc.diagnostics import Diagnostic, Label, Severity, Span
from bpc.report import Context
from bpc.report.contents import Report, tracked


def test_counts_in_words(report: Report, unknown_location: Diagnostic) -> None:
    elsewhere = replace(
        unknown_location, severity=Severity.INFO, primary=Label(Span("b.yaml", 1, 1, 1, 2))
    )
    both = replace(report, diagnostics=(unknown_location, unknown_location, elsewhere))
    assert report.summary() == "1 error, 1 warning in 1 file"
    assert both.summary() == "2 errors, 1 info in 2 files"


def test_says_what_was_checked_when_nothing_was_found(empty: Report) -> None:
    assert empty.summary() == "2 checked, no findings"
    assert replace(empty, context=Context("0.1.0", "lint")).summary() == "no findings"


@pytest.mark.parametrize(
    ("path", "name"),
    [("./a.yaml", "a.yaml"), ("a/../b//c.yaml", "b/c.yaml"), ("/abs/a.yaml", "/abs/a.yaml")],
)
def test_paths_are_those_that_git_lists(path: str, name: str) -> None:
    assert tracked(path) == name
