from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron import parse, parse_v1
from bpc.cron.fields import Fields
from bpc.cron.syntax import split

EVERY_WEEKDAY = 0x7F


def _fields(spec: str) -> Fields:
    fields = parse(spec).fields
    assert fields is not None
    return fields


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("0 0 ? ? ?", "0 0 * * *"),
        ("+5 0 * * *", "5 0 * * *"),
        ("005 0 * * *", "5 0 * * *"),
        ("*-5 0 * * *", "* 0 * * *"),
        ("*-5-x/7 0 * * *", "*/7 0 * * *"),
        ("1,,2, 0 * * *", "1,2 0 * * *"),
        ("50/4 0 * * *", "50,54,58 0 * * *"),
        ("*/61 0 * * *", "0 0 * * *"),
        ("*/9223372036854775807 0 * * *", "0 0 * * *"),
        ("0 0 * JAN,feb Sun-tUe", "0 0 * 1,2 0-2"),
        ("0 0 * * *", "0\t0\u3000*\xa0*\x85*\n"),
        ("0 0 */1 * *", "0 0 * * *"),
    ],
)
def test_forms_that_mean_the_same(spec: str, same: str) -> None:
    assert parse(spec).fields == parse(same).fields


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("", "`` has 0 fields, not the five minute, hour, day-of-month, month, weekday"),
        ("* * * *", "`* * * *` has 4 fields"),
        ("0 * * * * *", "`0 * * * * *` has 6 fields"),
        ("0\x1c0 * * *", "has 4 fields"),
        (" @daily", "has 1 fields"),
        ("@daily ", "`@daily ` is not one of @yearly, "),
        ("@reboot", "`@reboot` is not one of "),
        ("@HOURLY", "`@HOURLY` is not one of "),
        ("@every", "`@every` is not one of "),
        ("@every 1d", "`1d` is not a duration"),
        ("@every  1h", "` 1h` is not a duration"),
        ("60 * * * *", "`60` in the minute field reaches 60, above 59"),
        ("* 22-24 * * *", "`22-24` in the hour field reaches 24, above 23"),
        ("* * 0 * *", "`0` in the day-of-month field starts at 0, below 1"),
        ("* * * * 7", "`7` in the weekday field reaches 7, above 6: Sunday is 0"),
        ("* * * * 0-7", "Sunday is 0"),
        ("0 22-2 * * *", "`22-2` in the hour field runs backwards"),
        ("0 0 * * fri-mon", "`fri-mon` in the weekday field runs backwards"),
        ("*/0 * * * *", "`*/0` in the minute field has a step of 0"),
        ("1-2-3 * * * *", "`1-2-3` in the minute field has more than one `-`"),
        ("1/2/3 * * * *", "`1/2/3` in the minute field has more than one `/`"),
        ("-5 * * * *", "`-5` in the minute field is not understood: `` is not a number"),
        ("*/-1 * * * *", "`-1` is not a number"),
        ("*/ * * * *", "`*/` in the minute field is not understood"),
        ("1_0 * * * *", "`1_0` is not a number"),
        ("٣ * * * *", "`٣` is not a number"),
        ("*/9223372036854775808 * * * *", "is not a number that can stand there"),
        ("1" * 5000 + " * * * *", "is not a number that can stand there"),
        ("jan * * * *", "`jan` is not a number"),
        ("0 0 * january *", "`january` is not a number"),
        ("0 0 L * *", "`L` is not a number"),
        ("0 0 1W * *", "`1W` is not a number"),
        ("0 0 * * 1#2", "`1#2` is not a number"),
        ("H 0 * * *", "`H` is not a number"),
        ("0~30 0 * * *", "`0~30` is not a number"),
    ],
)
def test_what_kubernetes_refuses_is_refused_with_the_reason(spec: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^`") as refusal:
        parse(spec)
    assert complaint in str(refusal.value)
    with pytest.raises(ValueError, match=r"^`"):
        parse_v1(spec)


def test_a_day_must_match_twice_only_where_a_star_stands() -> None:
    assert _fields("0 0 1 * *").both
    assert _fields("0 0 * * 1").both
    assert _fields("0 0 */1 * 1").both
    assert _fields("0 0 *,5 * 1").both
    assert not _fields("0 0 1 * 1").both
    assert not _fields("0 0 */2 * 1").both
    assert not _fields("0 0 1-31 * 1").both


def test_fields_become_masks() -> None:
    assert _fields("1,3 */12 2-3 feb *") == Fields(
        0b1010, 1 | 1 << 12, 0b1100, 0b100, EVERY_WEEKDAY, both=True
    )


def test_every_keeps_its_delay_in_whole_seconds_of_at_least_one() -> None:
    delays = {"1h30m": 5400, "90.9s": 90, "1ms": 1, "0": 1, "-5m": 1}
    assert {text: parse(f"@every {text}").delay for text in delays} == delays
    assert parse("@every 1h").fields is None


@pytest.mark.parametrize(
    ("spec", "zone", "fields"),
    [
        ("CRON_TZ=Europe/Berlin 0 2 * * *", "Europe/Berlin", ("0", "2", "*", "*", "*")),
        ("TZ=Asia/Tokyo  @daily ", "Asia/Tokyo", ("0", "0", "*", "*", "*")),
        ("TZ= 0 2 * * *", "UTC", ("0", "2", "*", "*", "*")),
        ("TZ=Local 0 2 * * *", None, ("0", "2", "*", "*", "*")),
        ("0 2 * * *", None, ("0", "2", "*", "*", "*")),
    ],
)
def test_a_zone_before_the_schedule_is_read(
    spec: str, zone: str | None, fields: tuple[str, ...]
) -> None:
    assert (parse(spec).zone, split(spec).fields) == (zone, fields)
    assert parse(spec).text == spec


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("TZ=", "has a time zone and no schedule"),
        ("CRON_TZ=UTC", "has a time zone and no schedule"),
        ("TZ=UTC\t0 2 * * *", "is not a time zone"),
        ("TZ=Mars/Olympus 0 2 * * *", "`Mars/Olympus` is not a time zone"),
        ("TZ=UTC ", "has 0 fields"),
        ("tz=UTC 0 2 * * *", "has 6 fields"),
    ],
)
def test_a_zone_without_its_schedule_is_refused(spec: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(spec)


# The two parsers side by side: five fields, six, descriptors, delays, names, 7 for Sunday, steps past
# the end, zones before the schedule, and days that cannot come.
@pytest.mark.parametrize(
    ("spec", "old", "new"),
    [
        ("0 2 * * *", True, True),
        ("0 0 2 * * *", False, False),
        ("@yearly", True, True),
        ("@monthly", True, True),
        ("@weekly", True, True),
        ("@daily", True, True),
        ("@midnight", True, True),
        ("@hourly", True, True),
        ("@every 1h30m", True, True),
        ("@every 1d", False, False),
        ("@reboot", False, False),
        ("0 0 * JAN SUN", True, True),
        ("0 0 * * 7", False, False),
        ("0 0 L * *", False, False),
        ("0 0 15W * *", False, False),
        ("0 0 * * 1#2", False, False),
        ("H 0 * * *", False, False),
        ("0 22-2 * * *", False, False),
        ("0 0 ? * *", True, True),
        ("*/61 * * * *", True, True),
        ("*/45 * * * *", True, True),
        ("CRON_TZ=Asia/Tokyo 0 2 * * *", False, True),
        ("TZ=Asia/Tokyo 0 2 * * *", False, True),
        ("CRON_TZ=Asia/Tokyo @daily", False, True),
        ("CRON_TZ=Asia/Tokyo", False, False),
        ("0 2 */2 * 1", True, True),
        ("0 2 31 2 *", True, True),
    ],
)
def test_which_parser_takes_what(spec: str, old: bool, new: bool) -> None:
    for parser, expected in ((parse_v1, old), (parse, new)):
        try:
            taken = parser(spec) is not None
        except ValueError:
            taken = False
        assert taken is expected


def test_the_old_parser_says_what_it_does_not_read() -> None:
    with pytest.raises(ValueError, match=r"names a time zone, which Velero before 1\.15 does not"):
        parse_v1("CRON_TZ=UTC 0 2 * * *")


def test_in_the_old_dialect_a_stepped_star_is_a_star() -> None:
    old = parse_v1("0 2 */2 * 1").fields
    assert old is not None
    assert old.both
    assert not old.repairs_midnight
    assert _fields("0 2 */2 * 1").repairs_midnight


@given(st.text(alphabet="0123456789*/-,?+ @TZ=:.hmsjanfri\t", max_size=40))
def test_any_text_is_a_schedule_or_refused_in_words(text: str) -> None:
    try:
        said = parse(text).text
    except ValueError as refusal:
        said = str(refusal)
    assert said == text or said.startswith("`")
