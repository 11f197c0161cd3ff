from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.cron import HORIZON_START, parse, parse_v1
from bpc.cron.dialects import to_numbers, to_quartz, to_seconds_first

specs = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(("0", "3", "59", "*/15", "3-5", "0,30", "*/7")),
    st.sampled_from(("0", "2", "23", "0-3", "*/6", "9-17", "20/2")),
    st.sampled_from(("*", "*", "5", "*/3", "1-31", "1,15")),
    st.sampled_from(("*", "*", "3,4", "1-12", "*/2")),
    st.sampled_from(("*", "*", "0", "5", "1-5", "*/2", "sun,Fri", "0-6")),
)
ZONES = ("UTC", "Asia/Shanghai", "America/Bogota", "Asia/Kolkata", "Europe/Berlin")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905 - easier to read
_WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()  # noqa: SIM905 - same


@pytest.mark.parametrize(
    ("spec", "zone", "cnpg", "quartz"),
    [
        ("0 2 * * *", "UTC", "0 0 2 * * *", "0 0 2 * * ?"),
        ("0 2 * * *", "Asia/Shanghai", "0 0 18 * * *", "0 0 18 * * ?"),
        ("0 2 * * 1-5", "Asia/Shanghai", "0 0 18 * * 0-4", "0 0 18 ? * SUN-THU"),
        ("*/15 * * * *", "UTC", "0 0,15,30,45 * * * *", "0 0,15,30,45 * * * ?"),
        ("30 3 5 1 *", "UTC", "0 30 3 5 1 *", "0 30 3 5 JAN ?"),
        ("0 2 1,15 * 1", "UTC", "0 0 2 1,15 * 1", None),
        ("0 2 1-31 * 1", "UTC", "0 0 2 1-31 * 1", "0 0 2 * * ?"),
        ("@weekly", "UTC", "0 0 0 * * 0", "0 0 0 ? * SUN"),
        ("@every 6h", "UTC", "@every 6h", None),
        ("0 2 * * *", "Europe/Berlin", None, None),
        ("0 2 1 * *", "Asia/Shanghai", None, None),
        (", 2 * * *", "UTC", None, None),
        ("0 2 , * *", "UTC", None, None),
    ],
)
def test_a_schedule_is_said_in_another_dialect(
    spec: str, zone: str, cnpg: str | None, quartz: str | None
) -> None:
    assert to_seconds_first(spec, zone) == cnpg
    assert to_quartz(spec, zone) == quartz


@given(specs, st.sampled_from(ZONES), st.integers(0, 4 * 365 * 86_400))
def test_cloudnativepg_runs_at_the_same_moments(spec: str, zone: str, later: int) -> None:
    said = to_seconds_first(spec, zone)
    if said is None:
        return
    seconds, rest = said.split(" ", 1)
    assert seconds == "0"
    moment = HORIZON_START + later
    for _ in range(5):
        expected = parse(spec).next(moment, zone)
        assert parse_v1(rest).next(moment, "UTC") == expected
        assert expected is not None
        moment = expected


@given(specs, st.sampled_from(ZONES), st.integers(0, 4 * 365 * 86_400))
def test_elasticsearch_runs_at_the_same_moments(spec: str, zone: str, later: int) -> None:
    said = to_quartz(spec, zone)
    if said is None:
        return
    seconds, rest = said.split(" ", 1)
    assert seconds == "0"
    assert rest.split()[2::2].count("?") == 1
    for names in (_MONTHS, _WEEKDAYS):
        for number, name in enumerate(names, start=names is _MONTHS):
            rest = rest.replace(name, str(number))
    moment = HORIZON_START + later
    for _ in range(5):
        expected = parse(spec).next(moment, zone)
        assert parse(rest.replace("?", "*")).next(moment, "UTC") == expected
        assert expected is not None
        moment = expected


@given(specs, st.sampled_from(ZONES))
def test_opensearch_runs_at_the_same_moments_in_any_zone(spec: str, zone: str) -> None:
    said = to_numbers(spec)
    if said is None:
        return
    moment = HORIZON_START
    for _ in range(5):
        expected = parse(spec).next(moment, zone)
        assert parse(said).next(moment, zone) == expected
        assert expected is not None
        moment = expected
