"""The diagnostics that every format is shown with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bpc.diagnostics import Code, Diagnostic, Edit, Label, Severity, Span, Where
from bpc.report import Context, RulePage
from bpc.report.contents import Report
from bpc.report.fingerprint import fingerprint

SHOP = """\
apiVersion: bpc/v1
kind: Tier
metadata: {name: gold}
spec:
  copies:
    to:
      - oss-hangzhuo
  retention:
    daily: 3
"""
BASE = """\
kind: Location
metadata:
  name: oss-hangzhou
"""


class Files:
    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def lines(self, path: str) -> Sequence[str]:
        return self._texts.get(path, "").splitlines()


@pytest.fixture
def sources() -> Files:
    return Files({"policies/shop.yaml": SHOP, "policies/base.yaml": BASE})


@pytest.fixture
def unknown_location() -> Diagnostic:
    number, path, pointer = "BPC204", "policies/shop.yaml", "/spec/copies/to/0"
    return Diagnostic(
        Code(number, "unknown-location"),
        Severity.ERROR,
        "location `oss-hangzhuo` does not exist",
        Label(Span(path, 7, 9, 7, 21), "no such Location"),
        related=(Label(Span("policies/base.yaml", 3, 9, 3, 21), "declared here"),),
        help="did you mean `oss-hangzhou`",
        pointer=pointer,
        subject="shop/orders",
        fingerprint=fingerprint(number, path, "shop/orders", pointer, 0),
        edit=Edit(Where(path, 0, ("spec", "copies", "to", 0)), value="oss-hangzhou"),
    )


@pytest.fixture
def short_retention() -> Diagnostic:
    number, path, pointer = "BPC311", "policies/shop.yaml", "/spec/retention/daily"
    return Diagnostic(
        Code(number, "short-retention", Severity.WARNING),
        Severity.WARNING,
        "the oldest copy is 3 d old, detection takes 14 d",
        Label(Span(path, 9, 5, 9, 10)),
        pointer=pointer,
        subject="shop",
        fingerprint=fingerprint(number, path, "shop", pointer, 0),
    )


@pytest.fixture
def context() -> Context:
    return Context(
        tool_version="0.1.0",
        command="lint",
        checked=("shop", "billing"),
        rules={
            "BPC204": RulePage("a copy goes to a location that is not declared", "# Unknown\n"),
            "BPC311": RulePage("retention ends before detection", "# Short\n"),
        },
    )


@pytest.fixture
def report(
    sources: Files, context: Context, unknown_location: Diagnostic, short_retention: Diagnostic
) -> Report:
    return Report((unknown_location, short_retention), sources, context)


@pytest.fixture
def empty(sources: Files, context: Context) -> Report:
    return Report((), sources, context)
