from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bpc.diagnostics import Code, Diagnostic, Label, Span
from bpc.report import Context
from bpc.report.contents import Report
from bpc.report.junit import render

# Per element: the attributes it must have, those it may have, and what may stand in it.
GRAMMAR = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


def check(element: ElementTree.Element) -> None:
    required, optional, children = GRAMMAR[element.tag]
    assert required <= set(element.keys()) <= required | optional
    assert {child.tag for child in element} <= children
    assert len(element.findall("failure")) <= 1
    for child in element:
        check(child)


def test_passing_groups_show_beside_the_failed_one(report: Report) -> None:
    assert (
        render(report)
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bpc lint" tests="4" failures="1" errors="0">
  <testsuite name="shop" tests="2" failures="1" errors="0">
    <testcase classname="shop" name="BPC2xx policy">
      <failure type="BPC204 unknown-location" message="location `oss-hangzhuo` does not exist">\
policies/shop.yaml:7:9: error[BPC204 unknown-location]: location `oss-hangzhuo` does not exist
help: did you mean `oss-hangzhou`</failure>
    </testcase>
    <testcase classname="shop" name="BPC3xx protection">
      <system-out>policies/shop.yaml:9:5: warning[BPC311 short-retention]: \
the oldest copy is 3 d old, detection takes 14 d</system-out>
    </testcase>
  </testsuite>
  <testsuite name="billing" tests="2" failures="0" errors="0">
    <testcase classname="billing" name="BPC2xx policy"/>
    <testcase classname="billing" name="BPC3xx protection"/>
  </testsuite>
</testsuites>
"""
    )


def test_several_failures_of_a_group_are_one(report: Report, unknown_location: Diagnostic) -> None:
    three = replace(report, diagnostics=(unknown_location,) * 3)
    root = ElementTree.fromstring(render(three))  # noqa: S314 (our own output)
    check(root)
    (failure,) = root.iter("failure")
    assert failure.get("message") == "location `oss-hangzhuo` does not exist (and 2 more)"
    assert (failure.text or "").count("BPC204") == 3


@pytest.mark.parametrize(
    ("checked", "subject", "suite"),
    [
        (("shop/orders", "shop"), "shop/orders", "shop/orders"),
        (("shop",), "shop/orders", "shop"),
        (("a.yaml",), "shop/orders", "a.yaml"),
        (("a.yaml",), "", "a.yaml"),
        ((), "shop/orders", "shop/orders"),
        ((), "", "a.yaml"),
    ],
)
def test_a_finding_counts_against_the_closest_thing_checked(
    checked: tuple[str, ...], subject: str, suite: str, report: Report
) -> None:
    diagnostic = Diagnostic(
        Code("BPC101", "bad-yaml"),
        report.diagnostics[0].severity,
        "wrong",
        Label(Span("a.yaml", 1, 1, 1, 2)),
        subject=subject,
    )
    context = replace(report.context, checked=checked)
    text = render(Report((diagnostic,), report.sources, context))
    root = ElementTree.fromstring(text)  # noqa: S314 (our own output)
    assert [s.get("name") for s in root if s.get("failures") == "1"] == [suite]


def test_a_clean_run_shows_what_passed(empty: Report) -> None:
    root = ElementTree.fromstring(render(empty))  # noqa: S314 (our own output)
    check(root)
    assert (root.get("tests"), root.get("failures")) == ("4", "0")


def test_a_run_without_rule_pages_still_shows_what_passed(empty: Report) -> None:
    context = Context("0.1.0", "lint", checked=("shop",))
    text = render(replace(empty, context=context))
    assert '<testcase classname="shop" name="rules"/>' in text
