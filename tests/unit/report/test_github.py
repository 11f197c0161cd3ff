from __future__ import annotations

from dataclasses import replace

from bpc.diagnostics import Code, Diagnostic, Label, Severity, Span
from bpc.report.contents import Report
from bpc.report.github import render


def found(severity: Severity, line: int) -> Diagnostic:
    place = Label(Span("./policies/a,b.yaml", line, 1, line + 1, 1))
    return Diagnostic(Code("BPC204", "unknown-location"), severity, f"{severity} {line}", place)


def test_annotates_the_place_with_message_and_help(report: Report) -> None:
    assert render(report) == (
        "::error file=policies/shop.yaml,line=7,endLine=7,title=BPC204 unknown-location,"
        "col=9,endColumn=21::location `oss-hangzhuo` does not exist"
        "%0Ahelp: did you mean `oss-hangzhou`\n"
        "::warning file=policies/shop.yaml,line=9,endLine=9,title=BPC311 short-retention,"
        "col=5,endColumn=10::the oldest copy is 3 d old, detection takes 14 d\n"
    )


def test_a_range_of_lines_has_no_columns(report: Report) -> None:
    text = render(replace(report, diagnostics=(found(Severity.INFO, 3),)))
    assert text == (
        "::notice file=policies/a%2Cb.yaml,line=3,endLine=4,title=BPC204 unknown-location::info 3\n"
    )


def test_puts_errors_first_and_tells_in_one_notice_what_github_would_drop(report: Report) -> None:
    many = tuple(found(severity, n) for n in range(1, 16) for severity in reversed(Severity))
    commands = [
        line.split(" ")[0] for line in render(replace(report, diagnostics=many)).split("\n")
    ]
    assert commands == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10 + [""]
    notice = render(replace(report, diagnostics=many)).splitlines()[-1]
    assert notice.startswith("::notice title=16 more findings than GitHub shows::")
    assert notice.count("%0A") == 15
    assert "a,b.yaml:15:1: error[BPC204 unknown-location]: error 15" in notice


def test_the_last_notice_has_an_end(report: Report) -> None:
    many = tuple(found(Severity.ERROR, n) for n in range(1, 1001))
    text = render(replace(report, diagnostics=many))
    assert text.endswith("%0Aand 890 more\n")
    assert text.count("%0A") == 100


def test_prints_nothing_when_nothing_was_found(empty: Report) -> None:
    assert render(empty) == ""
