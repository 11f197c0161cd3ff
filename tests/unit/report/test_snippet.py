from __future__ import annotations

import pytest

from bpc.diagnostics import Code, Diagnostic, Label, Severity, Span
from bpc.report.snippet import Block, blocks

CODE = Code("BPC204", "unknown-location")


class File:
    def __init__(self, *lines: str) -> None:
        self._lines = lines

    def lines(self, path: str) -> tuple[str, ...]:
        return self._lines if path == "a.yaml" else ()


TEN = File(*(f"line {n}" for n in range(1, 11)))


def gathered(file: File, *lines: int, path: str = "a.yaml") -> list[Block]:
    primary, *related = (Label(Span(path, n, 1, n, 5)) for n in lines)
    return blocks(Diagnostic(CODE, Severity.ERROR, "wrong", primary, tuple(related)), file)


@pytest.mark.parametrize(
    ("related", "shown"),
    [(9, [(6, 9)]), (4, [(4, 8)]), (2, [(2, 8)]), (1, [(6, 8), (1, 1)])],
)
def test_near_places_share_a_block_and_far_ones_do_not(
    related: int, shown: list[tuple[int, int]]
) -> None:
    assert [(block.first, block.last) for block in gathered(TEN, 8, related)] == shown


def test_the_primary_block_comes_first_and_names_the_primary_place() -> None:
    first, second = gathered(TEN, 8, 1, 7)
    assert first.primary
    assert first.place.line == 8
    assert [mark.span.line for mark in first.marks] == [7, 8]
    assert not second.primary


def test_blank_lines_do_not_lead_a_block() -> None:
    assert gathered(File("a", "", " ", "b"), 4)[0].first == 4
    assert gathered(File("a", "", "b"), 3)[0].first == 1


@pytest.mark.parametrize(
    ("end", "trimmed"),
    [((4, 1), (2, 7)), ((3, 3), (2, 7)), ((2, 4), (2, 4)), ((9, 9), (4, 7)), ((1, 2), (1, 2))],
)
def test_a_span_ends_with_its_last_text(end: tuple[int, int], trimmed: tuple[int, int]) -> None:
    file = File("a: ", "  b: 1", "  ", "next: ")
    primary = Label(Span("a.yaml", 1, 1, *end))
    (block,) = blocks(Diagnostic(CODE, Severity.ERROR, "wrong", primary), file)
    span = block.marks[0].span
    assert (span.end_line, span.end_column) == trimmed


def test_a_file_that_cannot_be_shown_makes_a_block_without_lines() -> None:
    (block,) = gathered(TEN, 3, path="gone.yaml")
    assert block.lines == ()
