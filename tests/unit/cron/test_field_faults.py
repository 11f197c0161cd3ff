from __future__ import annotations

import pytest

from bpc.cron.field_faults import field_faults, filled
from bpc.cron.syntax import parse, split


def _found(spec: str) -> list[tuple[str, str, str]]:
    fields = parse(spec).fields
    assert fields is not None
    return [(fault.kind, fault.message, fault.fix) for fault in field_faults(split(spec), fields)]


@pytest.mark.parametrize(
    ("spec", "kind", "message", "fix"),
    [
        (
            "1,,2 * * * *",
            "empty-item",
            "`1,,2` in the minute field has an item without a value, which is dropped",
            "write `1,2 * * * *`",
        ),
        (
            "0 0 1 * ,",
            "empty-item",
            "`,` in the weekday field names no value",
            "write `0 0 1 * *`",
        ),
        (
            "0 0 ? * *",
            "question-mark",
            "`?` in the day-of-month field means the same as `*`",
            "write `0 0 * * *`",
        ),
        (
            "+5 0 * * *",
            "plus-sign",
            "`+5` in the minute field has a `+`, which means nothing",
            "write `5 0 * * *`",
        ),
        (
            "0 *-5/2 * * *",
            "star-range",
            "`*-5/2` in the hour field means `*`: what follows the `-` is ignored",
            "write `0 */2 * * *`",
        ),
        (
            "TZ=UTC */61 * * * *",
            "step-too-large",
            "`*/61` in the minute field has a step past the end of its range, so that only 0 matches",
            "write `TZ=UTC 0 * * * *`",
        ),
        (
            "0 7,10-12/5 * * *",
            "step-too-large",
            "`10-12/5` in the hour field has a step past the end of its range, so that only 10 matches",
            "write `0 7,10 * * *`",
        ),
        (
            "*/45 * * * *",
            "uneven-step",
            "`*/45` in the minute field runs every 45 min, then 15 min as each hour starts over",
            "write `*/30 * * * *`",
        ),
        (
            "0 */5 * * *",
            "uneven-step",
            "`*/5` in the hour field runs every 5 h, then 4 h as each day starts over",
            "write `0 */4 * * *`",
        ),
        (
            "0 2 */10 * *",
            "uneven-step",
            "`*/10` in the day-of-month field runs every 10 d, then 1 to 10 d as each month starts over",
            "write `0 2 1,11,21,31 * *`",
        ),
        (
            "0 2 1 */5 *",
            "uneven-step",
            "`*/5` in the month field runs every 5 months, then 2 months as each year starts over",
            "write `0 2 1 */4 *`",
        ),
        (
            "0 2 * * 0-6/2",
            "uneven-step",
            "`0-6/2` in the weekday field runs every 2 d, then 1 d as each week starts over",
            "write `0 2 * * 0,2,4,6`",
        ),
    ],
)
def test_what_is_foolish_is_said_with_its_numbers_and_an_edit(
    spec: str, kind: str, message: str, fix: str
) -> None:
    assert _found(spec) == [(kind, message, fix)]


@pytest.mark.parametrize(
    "spec",
    [
        "0 2 * * *",
        "@weekly",
        "*/15 */6 * */3 *",
        "*/45 2 * * *",  # the next hour does not follow at once
        "*/45 */2 * * *",
        "0 */5 1 * *",
        "0 */5 * * 1,3",
        "0 2 */10 6 *",
        "30 1-23/2 * * 1-5",
        "5-50/10 * * * *",
        "31/1 * * * *",
        "*/45,30 * * * *",
    ],
)
def test_what_is_sensible_is_left_alone(spec: str) -> None:
    assert _found(spec) == []


def test_an_uneven_step_shows_where_rounds_follow_each_other_at_midnight() -> None:
    assert [kind for kind, _, _ in _found("*/45 23,0 * * *")] == ["uneven-step"]


def test_each_item_of_a_list_is_judged_and_edited_by_itself() -> None:
    assert [(kind, fix) for kind, _, fix in _found("?/7,,+3-9 * * * *")] == [
        ("empty-item", "write `?/7,+3-9 * * * *`"),
        ("question-mark", "write `*/7,,+3-9 * * * *`"),
        ("plus-sign", "write `?/7,,3-9 * * * *`"),
    ]


def test_an_empty_field_is_filled_with_the_start_of_the_day_or_every_day() -> None:
    assert [filled(index) for index in range(5)] == ["0", "0", "*", "*", "*"]
