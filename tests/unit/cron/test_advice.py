from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron import HORIZON_START, FaultKind, faults, largest_gap, parse

specs = st.builds(
    "{}{} {} {} {} {}".format,
    st.sampled_from(("", "", "TZ=Europe/Berlin ")),
    st.sampled_from(("0", "*/7", "*/61", ",", "+3", "0,30", "*")),
    st.sampled_from(("0", "2", "?", "*/5", "*-3", "0-3", "9,,17", ",")),
    st.sampled_from(("*", "?", "5", "*/3", "30,31", "31", ",")),
    st.sampled_from(("*", "2", "3,4", "*/5", "4,6", ",")),
    st.sampled_from(("*", "0", "1-5", "*/2", ",")),
)


def _said(spec: str, zone: str = "UTC") -> list[tuple[str, str, str]]:
    return [(fault.kind, fault.message, fault.fix) for fault in faults(spec, zone)]


@pytest.mark.parametrize(
    ("spec", "zone", "kind", "message", "fix"),
    [
        (
            "0 0 30 2 *",
            "UTC",
            "never-fires",
            "`0 0 30 2 *` never runs: none of its months has a day `30`",
            "write `0 0 28 2 *`",
        ),
        (
            "0 0 31 4,6,9,11 *",
            "UTC",
            "never-fires",
            "`0 0 31 4,6,9,11 *` never runs: none of its months has a day `31`",
            "write `0 0 30 4,6,9,11 *`",
        ),
        (
            "0 2 1 * 1",
            "UTC",
            "day-or-weekday",
            "day-of-month `1` or weekday `1` is enough: runs on 63 days of 2026, "
            "of which 1 match both",
            "write `0 2 * * 1`",
        ),
        (
            "@every 90m",
            "Europe/Berlin",
            "every-drifts",
            "`@every 90m` counts from the last start: its times drift, and they begin anew when the "
            "object is created again",
            "write `0 * * * *`",
        ),
        (
            "0 2 * * *",
            "Europe/Berlin",
            "clock-change",
            "`0 2 * * *` in Europe/Berlin leaves 47 h without a run, such as around 2026-03-29",
            "write `0 4 * * *`",
        ),
        (
            "@daily",
            "Africa/Cairo",
            "clock-change",
            "`@daily` in Africa/Cairo leaves 47 h without a run, such as around 2026-04-24",
            "write `0 4 * * *`",
        ),
        (
            "0 2 * * 0",
            "America/New_York",
            "clock-change",
            "`0 2 * * 0` in America/New_York leaves 13 d 23 h without a run, such as around 2026-03-08",
            "write `0 4 * * 0`",
        ),
        (
            "0 */6 * * *",
            "Africa/Cairo",
            "clock-change",
            "`0 */6 * * *` in Africa/Cairo leaves 11 h without a run, such as around 2026-04-24",
            "set the time zone to `UTC`",
        ),
        (
            "3 0 5 * *",
            "Australia/Lord_Howe",
            "clock-change",
            "`3 0 5 * *` in Australia/Lord_Howe leaves 61 d 30 min without a run, such as around 2026-04-05",
            "set the time zone to `UTC`",
        ),
    ],
)
def test_what_is_foolish_is_said_with_its_numbers_and_an_edit(
    spec: str, zone: str, kind: str, message: str, fix: str
) -> None:
    assert _said(spec, zone) == [(kind, message, fix)]


@pytest.mark.parametrize(
    ("spec", "zone"),
    [
        ("0 2 * * *", "UTC"),
        ("0 2 * * *", "Asia/Shanghai"),
        ("0 4 * * *", "Europe/Berlin"),
        ("0 2 * * *", "Europe/London"),
        ("0 */6 * * *", "Europe/Berlin"),  # a day of 25 hours is no hole
        ("*/5 * * * *", "Europe/Berlin"),
        ("0 2,3 * * *", "Europe/Berlin"),
        ("0 0 29 2 *", "UTC"),
    ],
)
def test_what_is_sensible_is_left_alone(spec: str, zone: str) -> None:
    assert faults(spec, zone) == []


@pytest.mark.parametrize(
    ("spec", "message", "fix"),
    [
        (
            "CRON_TZ=Asia/Tokyo 0 2 * * *",
            "`CRON_TZ=Asia/Tokyo` before a schedule is refused by Kubernetes since 1.29",
            "write `0 2 * * *` and set the time zone to `Asia/Tokyo`",
        ),
        (
            "TZ=Local @daily",
            "`TZ=Local` before a schedule is refused by Kubernetes since 1.29",
            "write `0 0 * * *`",
        ),
    ],
)
def test_a_zone_goes_into_its_own_field(spec: str, message: str, fix: str) -> None:
    assert _said(spec) == [("zone-prefix", message, fix)]


def test_a_zone_before_the_schedule_is_the_one_whose_clocks_count() -> None:
    found = faults("CRON_TZ=Europe/Berlin 0 2 * * *", "UTC")
    assert [fault.kind for fault in found] == ["zone-prefix", "clock-change"]
    assert found[1].fix == "write `CRON_TZ=Europe/Berlin 0 4 * * *`"


@pytest.mark.parametrize(
    ("delay", "cron"),
    [
        ("30s", "* * * * *"),
        ("7m", "*/6 * * * *"),
        ("1h", "0 * * * *"),
        ("5h", "0 */4 * * *"),
        ("24h", "0 0 * * *"),
        ("1000h", "0 0 * * 0"),
    ],
)
def test_a_drifting_delay_becomes_the_nearest_schedule_that_runs_as_often(
    delay: str, cron: str
) -> None:
    (fault,) = faults(f"@every {delay}")
    assert fault.fix == f"write `{cron}`"


def test_a_zone_and_a_delay_are_two_faults() -> None:
    found = _said("CRON_TZ=Asia/Tokyo @every 1h")
    assert [kind for kind, _, _ in found] == ["zone-prefix", "every-drifts"]
    assert found[0][2] == "write `@every 1h` and set the time zone to `Asia/Tokyo`"


def test_an_empty_field_is_named_and_never_fires() -> None:
    assert [(kind, fix) for kind, _, fix in _said("0 , * * *")] == [
        ("empty-item", "write `0 0 * * *`"),
        ("never-fires", "write `0 0 * * *`"),
    ]
    assert _said("0 , * * *")[1][1] == "`0 , * * *` never runs: its hour field names no value"


def test_the_next_hole_is_the_next_after_the_start() -> None:
    (fault,) = faults("0 2 * * *", "Europe/Berlin", HORIZON_START + 200 * 86400)
    assert fault.message.endswith("such as around 2027-03-28")


def test_what_parse_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="has 1 fields"):
        faults("daily")
    with pytest.raises(ValueError, match="is not a time zone"):
        faults("0 2 * * *", "Mars/Olympus")


@given(specs, st.sampled_from(("UTC", "Europe/Berlin", "Africa/Cairo")))
def test_every_edit_is_a_schedule_and_takes_its_fault_away(spec: str, zone: str) -> None:
    for fault in faults(spec, zone):
        assert fault.kind in get_args(FaultKind)
        edited = fault.fix.split("`")[1]
        if fault.fix.startswith("write"):
            left = [f.message for f in faults(edited, zone)]
            assert fault.message not in left
            assert parse(edited).text == edited
        if fault.kind == "clock-change" and fault.fix.startswith("write"):
            before = largest_gap(parse(spec), zone, HORIZON_START).seconds
            assert largest_gap(parse(edited), zone, HORIZON_START).seconds < before
