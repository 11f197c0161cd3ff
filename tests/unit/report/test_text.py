from __future__ import annotations

from dataclasses import replace

from bpc.diagnostics import Code, Diagnostic, Label, Severity, Span
from bpc.report import Context
from bpc.report.contents import Report
from bpc.report.text import render

CODE = Code("BPC204", "unknown-location")
CONTEXT = Context("0.1.0", "lint")


class File:
    def __init__(self, *lines: str) -> None:
        self._lines = lines

    def lines(self, path: str) -> tuple[str, ...]:
        return self._lines if path == "a.yaml" else ()


def span(line: int, column: int, end_line: int, end_column: int, path: str = "a.yaml") -> Span:
    return Span(path, line, column, end_line, end_column)


def shown(file: File, primary: Label, *related: Label, context: Context = CONTEXT) -> str:
    diagnostic = Diagnostic(CODE, Severity.ERROR, "wrong", primary, related)
    text = render(Report((diagnostic,), file, context))
    head = "error[BPC204 unknown-location]: wrong\n"
    tail = " = docs: bpc explain BPC204\n\n1 error in 1 file\n"
    assert text.startswith(head)
    assert text.endswith(tail)
    return text.removeprefix(head).removesuffix(tail)


def test_shows_the_source_the_reason_the_edit_and_the_counts(report: Report) -> None:
    assert (
        render(report)
        == """\
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

1 error, 1 warning in 1 file
"""
    )


def test_says_so_when_nothing_was_found(empty: Report) -> None:
    assert render(empty) == "2 checked, no findings\n"


def test_colours_only_when_asked(report: Report) -> None:
    plain = render(report)
    coloured = render(replace(report, context=replace(report.context, color=True)))
    assert "\x1b" not in plain
    assert "\x1b[1;31merror[BPC204 unknown-location]\x1b[0m" in coloured
    assert "\x1b[1;31m^^^^^^^^^^^^ no such Location\x1b[0m" in coloured


def test_related_places_nearby_share_the_snippet() -> None:
    file = File("one: 1", "two: 2", "three: 3", "four: 4", "five: 5", "six: 6")
    assert (
        shown(file, Label(span(6, 6, 6, 7), "here"), Label(span(1, 1, 1, 4), "because"))
        == """\
 --> a.yaml:6:6
  |
1 | one: 1
  | --- because
2 | two: 2
3 | three: 3
4 | four: 4
5 | five: 5
6 | six: 6
  |      ^ here
  |
 """
    )


def test_labels_of_one_line_each_get_a_row() -> None:
    file = File("- {location: vault, from: vault}")
    assert (
        shown(file, Label(span(1, 27, 1, 32), "copies itself"), Label(span(1, 14, 1, 19), "this"))
        == """\
 --> a.yaml:1:27
  |
1 | - {location: vault, from: vault}
  |              ----- this
  |                           ^^^^^ copies itself
  |
 """
    )


def test_carets_stay_aligned_under_wide_and_invisible_characters() -> None:
    file = File("東京\t: e\u0301a👍x\x1b[0mz")
    assert (
        shown(file, Label(span(1, 10, 1, 11), "x"), Label(span(1, 15, 1, 16), "z"))
        == """\
 --> a.yaml:1:10
  |
1 | 東京    : e\u0301a👍x\\x1b[0mz
  |               ^ x
  |                       - z
  |
 """
    )


def test_a_long_line_is_cut_around_the_span() -> None:
    file = File("key: " + "a" * 300 + "TARGET" + "z" * 300)
    text = shown(file, Label(span(1, 306, 1, 312), "here"), context=Context("0", "lint", width=60))
    assert (
        text
        == """\
 --> a.yaml:1:306
  |
1 | ...aaaaaaaaaaaaaaTARGETzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz...
  |                  ^^^^^^ here
  |
 """
    )


def test_a_block_is_bracketed_and_its_middle_left_out() -> None:
    file = File("spec:", "  copies:", *(f"    k{n}: {n}" for n in range(20)), "", "next: 1")
    assert (
        shown(file, Label(span(2, 3, 24, 1), "all of it"))
        == """\
  --> a.yaml:2:3
   |
 1 |   spec:
 2 | /   copies:
 3 | |     k0: 0
   | | ...
22 | |     k19: 19
   | |___________^ all of it
   |
  """
    )


def test_a_block_that_starts_within_a_line_is_led_in() -> None:
    file = File("script: |", "  a", "  b")
    assert (
        shown(file, Label(span(1, 9, 3, 4), "text"))
        == """\
 --> a.yaml:1:9
  |
1 |   script: |
  |  _________^
2 | |   a
3 | |   b
  | |___^ text
  |
 """
    )


def test_places_without_source_keep_their_label() -> None:
    missing = Label(span(1, 1, 1, 2, "gone.yaml"), "because")
    assert (
        shown(File("a: 1"), Label(span(9, 1, 9, 2), "past the end"), missing)
        == """\
 --> a.yaml:9:1: past the end
 ::: gone.yaml:1:1: because
 """
    )


def test_help_may_have_several_lines(unknown_location: Diagnostic, report: Report) -> None:
    diagnostic = replace(unknown_location, help="write\n  copies: {}")
    text = render(replace(report, diagnostics=(diagnostic,)))
    assert "  = help: write\n            copies: {}\n  = docs" in text
