from __future__ import annotations

from dataclasses import replace

import pytest

from bpc.diagnostics import Diagnostic, Edit, Label, Span, Where
from bpc.report.contents import SourceText
from bpc.report.replacement import replacement

HERE = Where("policies/shop.yaml", 0, ("spec", "copies", "to", 0))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("vault", "vault"),
        ("no", '"no"'),
        ("15m", '"15m"'),
        ('say "hi"', '"say \\"hi\\""'),
        (30, "30"),
        (True, "true"),
        (None, "null"),
    ],
)
def test_a_new_value_is_written_so_that_every_yaml_parser_reads_it(
    value: str | int | None, text: str, unknown_location: Diagnostic, sources: SourceText
) -> None:
    edited = replace(unknown_location, edit=Edit(HERE, value=value))
    assert replacement(edited, sources) == (unknown_location.primary.span, text)


def test_a_key_is_renamed_where_the_key_is_marked(
    unknown_location: Diagnostic, sources: SourceText
) -> None:
    key = Span("policies/shop.yaml", 9, 5, 9, 10)
    where = Where("policies/shop.yaml", 0, ("spec", "retention", "daily"))
    marked = replace(unknown_location, primary=Label(key), pointer=where.json_pointer)
    assert replacement(replace(marked, edit=Edit(where, rename="weekly")), sources) == (
        key,
        "weekly",
    )
    assert replacement(replace(marked, edit=Edit(where, value=3)), sources) is None


@pytest.mark.parametrize(
    "edit",
    [
        None,
        Edit(HERE / "deeper", value="x"),
        Edit(Where("policies/base.yaml", 0, HERE.pointer), value="x"),
        Edit(Where(HERE.path, 1, HERE.pointer), value="x"),
        Edit(HERE, rename="x"),
        Edit(HERE, value="bell\x07"),
    ],
)
def test_an_edit_elsewhere_is_no_replacement(
    edit: Edit | None, unknown_location: Diagnostic, sources: SourceText
) -> None:
    assert replacement(replace(unknown_location, edit=edit), sources) is None


@pytest.mark.parametrize(
    "span", [(7, 9, 8, 2), (70, 9, 70, 12), (7, 9, 7, 12), (7, 13, 7, 21), (8, 3, 8, 12)]
)
def test_a_span_that_is_not_one_whole_value_is_not_replaced(
    span: tuple[int, int, int, int], unknown_location: Diagnostic, sources: SourceText
) -> None:
    primary = Label(Span("policies/shop.yaml", *span))
    assert replacement(replace(unknown_location, primary=primary), sources) is None
