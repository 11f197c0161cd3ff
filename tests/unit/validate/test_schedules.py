from __future__ import annotations

import pytest

from bpc.cron import parse_v1
from bpc.validate.schedules import (
    is_cron,
    is_cron_v1,
    is_duration,
    is_positive_duration,
    is_zoned_cron,
    never_runs,
)


@pytest.mark.parametrize("schedule", ["0 2 * * *", "@daily", "*/15 0-6 1,15 * MON"])
def test_ordinary_schedules_pass_everywhere(schedule: str) -> None:
    assert is_cron(schedule)
    assert is_zoned_cron(schedule)
    assert is_cron_v1(schedule)
    assert not never_runs(schedule)


@pytest.mark.parametrize(
    "schedule", ["", "0 2 * *", "0 2 * * * *", "60 * * * *", "0 0 * * 7", "@reboot"]
)
def test_what_no_release_reads_passes_nowhere(schedule: str) -> None:
    assert not is_cron(schedule)
    assert not is_zoned_cron(schedule)
    assert not is_cron_v1(schedule)


def test_a_zone_in_the_string_passes_for_newer_velero_only() -> None:
    zoned = "CRON_TZ=Asia/Shanghai 0 2 * * *"
    assert (is_cron(zoned), is_zoned_cron(zoned), is_cron_v1(zoned)) == (False, True, False)


@pytest.mark.parametrize("prefix", ["TZ=Local", "CRON_TZ=Local", "TZ=Mars/One"])
def test_a_zone_that_means_nothing_outside_one_machine_is_refused(prefix: str) -> None:
    assert not is_zoned_cron(f"{prefix} 0 2 * * *")


def test_a_leap_day_comes_and_the_thirtieth_of_february_does_not() -> None:
    assert not never_runs("0 0 29 2 *")
    assert never_runs("0 0 30 2 *")
    assert never_runs("0 0 30 2 */2", parse_v1)
    assert not never_runs("0 0 30 2 */2")


@pytest.mark.parametrize("text", ["720h", "1h30m0s", "1.5h", "250ms", "1us", ".5s"])
def test_durations_that_go_reads(text: str) -> None:
    assert is_duration(text)
    assert is_positive_duration(text)


@pytest.mark.parametrize(
    "text", ["", "30d", "2w", "60", "1 h", "h", "1h ", "-1h", "1H", "9" * 19 + "h"]
)
def test_durations_that_go_refuses_or_that_run_backwards(text: str) -> None:
    assert not is_duration(text)
    assert not is_positive_duration(text)


@pytest.mark.parametrize("text", ["0", "0s", "0h0m0s"])
def test_no_time_at_all_is_a_duration_but_not_a_positive_one(text: str) -> None:
    assert is_duration(text)
    assert not is_positive_duration(text)
