from __future__ import annotations

from bpc.report.concise import render
from bpc.report.contents import Report


def test_prints_one_line_each(report: Report) -> None:
    assert render(report) == (
        "policies/shop.yaml:7:9: error[BPC204 unknown-location]: "
        "location `oss-hangzhuo` does not exist\n"
        "policies/shop.yaml:9:5: warning[BPC311 short-retention]: "
        "the oldest copy is 3 d old, detection takes 14 d\n"
    )


def test_prints_nothing_when_nothing_was_found(empty: Report) -> None:
    assert render(empty) == ""
