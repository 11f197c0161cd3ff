from __future__ import annotations

from dataclasses import replace

from bpc.diagnostics import Diagnostic, Label, Severity, Span
from bpc.report.contents import Report
from bpc.report.markdown import render


def test_puts_the_verdict_first_and_folds_the_sources(report: Report) -> None:
    assert (
        render(report)
        == """\
<!-- bpc:lint:v1 -->
### bpc lint: not ready to merge

1 error, 1 warning in 1 file

| Level | Rule | Place | Finding |
|--|--|--|--|
| error | BPC204 unknown-location | <code>policies/shop.yaml&#58;7</code> \
| location <code>oss-hangzhuo</code> does not exist<br>help: did you mean <code>oss-hangzhou</code> |
| warning | BPC311 short-retention | <code>policies/shop.yaml&#58;9</code> \
| the oldest copy is 3 d old, detection takes 14 d |

<details><summary>Source (all)</summary>

```text
error[BPC204 unknown-location]: location `oss-hangzhuo` does not exist
 --> policies/shop.yaml:7:9
  |
5 |   copies:
6 |     to:
7 |       - oss-hangzhuo
  |         ^^^^^^^^^^^^ no such Location
  |
 ::: policies/base.yaml:3:9
  |
3 |   name: oss-hangzhou
  |         ------------ declared here
  |
  = help: did you mean `oss-hangzhou`
  = docs: bpc explain BPC204

warning[BPC311 short-retention]: the oldest copy is 3 d old, detection takes 14 d
 --> policies/shop.yaml:9:5
  |
7 |       - oss-hangzhuo
8 |   retention:
9 |     daily: 3
  |     ^^^^^
  |
  = docs: bpc explain BPC311
```

</details>

<sub>bpc 0.1.0</sub>
"""
    )


def test_says_plainly_that_nothing_was_found(empty: Report) -> None:
    assert (
        render(empty)
        == """\
<!-- bpc:lint:v1 -->
### bpc lint: all clear

2 checked, no findings

<sub>bpc 0.1.0</sub>
"""
    )


def test_warnings_alone_do_not_block(report: Report, short_retention: Diagnostic) -> None:
    text = render(replace(report, diagnostics=(short_retention,)))
    assert text.splitlines()[1] == "### bpc lint: nothing blocks"


def test_the_worst_findings_come_first(report: Report) -> None:
    text = render(replace(report, diagnostics=tuple(reversed(report.diagnostics))))
    assert text.index("| error |") < text.index("| warning |")


def test_colour_and_terminal_width_do_not_reach_a_comment(report: Report) -> None:
    terminal = replace(report, context=replace(report.context, color=True, width=40))
    assert render(terminal) == render(report)


def test_drops_sources_before_rows_and_counts_what_it_drops(
    report: Report, unknown_location: Diagnostic
) -> None:
    several = replace(report, diagnostics=(unknown_location,) * 150)
    text = render(several)
    assert text.count("\n| error |") == 150
    assert "Source (" in text
    assert " of 150)</summary>" in text
    assert len(text) <= 60_000
    many = render(replace(report, diagnostics=(unknown_location,) * 2000))
    rows = many.count("\n| error |")
    assert f"\n{2000 - rows} more findings are left out.\n" in many
    assert 0 < rows < 2000
    assert len(many) <= 60_000
    assert many.endswith("<sub>bpc 0.1.0</sub>\n")


def test_one_huge_finding_does_not_break_the_limit(
    report: Report, unknown_location: Diagnostic
) -> None:
    huge = replace(
        unknown_location,
        message="`" * 100_000,
        help="*" * 100_000,
        primary=Label(Span("<" * 100_000, 1, 1, 1, 2)),
    )
    text = render(replace(report, diagnostics=(huge,)))
    assert len(text) <= 60_000
    assert text.count("\n| error |") == 1


def test_nobody_is_notified(report: Report, unknown_location: Diagnostic) -> None:
    naming = replace(unknown_location, severity=Severity.INFO, message="ask @team or `@team`")
    row = render(replace(report, diagnostics=(naming,))).split("\n")[7]
    assert "ask @&#8203;team or <code>@team</code>" in row
