from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron import Schedule, parse, parse_v1

moments = st.integers(1735689600, 1924991999)


def test_every_counts_from_the_last_run_in_whole_seconds() -> None:
    schedule = parse("@every 1h30m")
    assert schedule.next(1767225607, "UTC") == 1767231007
    assert schedule.previous(1767231007, "UTC") == 1767225607
    assert parse("@every 1500ms").next(1767225607, "UTC") == 1767225608
    assert parse("@every -5m").next(1767225607, "UTC") == 1767225608


def test_a_zone_in_the_text_overrides_the_one_asked_for() -> None:
    tokyo = parse("CRON_TZ=Asia/Tokyo 0 9 * * *")
    assert tokyo.next(1767222000, "Europe/Berlin") == 1767225600
    assert tokyo.previous(1767225601, "Europe/Berlin") == 1767225600
    assert parse("TZ= 0 9 * * *").next(1767222000, "Europe/Berlin") == 1767258000
    assert parse("TZ=Local @daily ").next(1767222000, "Europe/Berlin") == 1767308400


def test_an_unknown_zone_is_refused() -> None:
    for ask in (parse("@daily").next, parse("@daily").previous):
        with pytest.raises(ValueError, match="`Mars/Olympus` is not a time zone"):
            ask(0, "Mars/Olympus")


@given(moments, st.sampled_from(("0 2 * * *", "*/7 * * * *", "0 0 1 */3 *", "0 2 1 * 1")))
def test_next_is_strictly_after_and_previous_strictly_before(moment: int, spec: str) -> None:
    schedule = parse(spec)
    run = schedule.next(moment, "Europe/Berlin")
    assert run is not None
    assert run > moment
    assert schedule.previous(run + 1, "Europe/Berlin") == run
    last = schedule.previous(moment, "Europe/Berlin")
    assert last is not None
    assert last < moment
    assert schedule.next(last, "Europe/Berlin") in {moment, run}


@pytest.mark.parametrize(
    ("spec", "fires"),
    [
        ("0 2 * * *", True),
        ("0 0 29 2 *", True),
        ("0 0 30 2 *", False),
        ("0 0 31 4,6,9,11 *", False),
        ("0 0 31 1-12 *", True),
        (", * * * *", False),
        ("0 , * * *", False),
        ("0 0 , * *", False),
        ("0 0 * , *", False),
        ("0 0 * * ,", False),
        ("0 0 1 * ,", True),
        ("0 0 30 2 1", True),
        ("@every 1s", True),
    ],
)
def test_what_never_fires_is_known(spec: str, fires: bool) -> None:
    assert parse(spec).fires() is fires


def test_in_the_old_dialect_a_rare_day_fires_once_in_many_years() -> None:
    assert parse_v1("0 0 */29 2 1").fires()
    assert not parse_v1("0 0 30/2 2 *").fires()


def test_schedules_are_values() -> None:
    assert parse("0 2 * * *") == Schedule("0 2 * * *", parse("0 2 * * *").fields)
    assert len({parse("0 2 * * *"), parse("0 2 * * *"), parse("0 3 * * *")}) == 2
