"""Which points the maintenance job removes, compared with a model written another way."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shells import SHELLS
from tests.unit.jobs.workshop import Workshop

FIRST = datetime.datetime(2023, 12, 20, tzinfo=datetime.UTC)
DAY = 86_400
RUNGS = ("hourly", "daily", "weekly", "monthly", "yearly")
LADDERS = st.lists(
    st.tuples(st.sampled_from(RUNGS), st.integers(1, 900 * DAY)), min_size=1, max_size=5
).map(lambda rungs: sorted(dict(rungs).items(), key=lambda rung: RUNGS.index(rung[0])))
MOMENTS = st.sets(st.integers(0, 800 * DAY), min_size=1, max_size=60)


def period(rung: str, moment: datetime.datetime) -> tuple[int, ...]:
    calendar = moment.isocalendar()
    return {
        "hourly": (moment.year, moment.month, moment.day, moment.hour),
        "daily": (moment.year, moment.month, moment.day),
        "weekly": (calendar.year, calendar.week),
        "monthly": (moment.year, moment.month),
        "yearly": (moment.year,),
    }[rung]


def removed(
    moments: list[datetime.datetime], ladder: list[tuple[str, int]], floor: int
) -> set[datetime.datetime]:
    newest = max(moments)
    kept = set(sorted(moments)[-floor:])
    for index, (rung, keep) in enumerate(ladder):
        young = [m for m in moments if (newest - m).total_seconds() <= keep]
        if index == 0:
            kept |= set(young)
        else:
            kept |= {
                max(m for m in young if period(rung, m) == p)
                for p in {period(rung, m) for m in young}
            }
    return set(moments) - kept


@pytest.fixture(scope="module", params=[None, SHELLS[2]])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    if request.param is not None and shutil.which(request.param.split()[0]) is None:
        pytest.skip(f"needs {request.param}: its awk is another one")
    found = Workshop(tmp_path_factory.mktemp("shop"), request.param or "dash")
    if request.param is not None:
        awk = found.root / "bin" / "awk"
        awk.write_text('#!/bin/sh\nexec busybox awk "$@"\n')
        awk.chmod(0o755)
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOMENTS, LADDERS, st.integers(1, 4))
def test_the_script_removes_what_the_model_removes(
    shop: Workshop, seconds: set[int], ladder: list[tuple[str, int]], floor: int
) -> None:
    moments = sorted(FIRST + datetime.timedelta(seconds=each) for each in seconds)
    names = [f"{moment:%Y%m%dT%H%M%SZ}-0a1b2c" for moment in moments]
    done = subprocess.run(
        [*shop.shell.split(), str(Path(shop.root / "scripts" / "maintain.sh")), "expired"],
        input="".join(f"{name}\n" for name in names),
        env={
            **shop.environment,
            "LADDER": " ".join(f"{rung}={keep}" for rung, keep in ladder),
            "FLOOR": str(floor),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    wanted = removed(moments, ladder, floor)
    assert sorted(done.stdout.split()) == [
        name for name, moment in zip(names, moments, strict=True) if moment in wanted
    ]
