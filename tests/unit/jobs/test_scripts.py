"""The scripts that every job shares, run for real in several shells; only the store is a stand-in."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.shells import SHELLS, every
from tests.unit.jobs.workshop import Workshop

ONE = "first\n" * 1000 + "number 7\nend\n"
TWO = "second 'quoted' $x 😀\nend\n"


@pytest.fixture(params=every(SHELLS))
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Workshop:
    if shutil.which(request.param.split()[0]) is None:
        pytest.skip(f"needs {request.param}: the scripts in one more shell")
    found = Workshop(tmp_path, request.param)
    found.put(one=ONE, two=TWO)
    return found


def test_what_was_backed_up_comes_back(shop: Workshop) -> None:
    done = shop.run("backup.sh")
    assert done.returncode == 0, done.stderr
    [point] = shop.points()
    record = json.loads((shop.root / "store" / "records" / f"{point}.json").read_text())
    assert record["verdict"] == "verified"
    assert record["bytes"] == len(ONE.encode()) + len(TWO.encode())
    assert record["tools"] == ["tool 1.0 quoted"]
    assert [part["part"] for part in record["parts"]] == ["one", "two"]
    back = shop.run("restore.sh")
    assert back.returncode == 0, back.stderr
    assert shop.live() == {"one": ONE, "two": TWO}
    assert not list((shop.root / "tmp").iterdir())
    assert "sesame" not in done.stdout + done.stderr + back.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"BROKEN": "capture"},
        {"BROKEN": "verify"},
        {"FAULT": "full"},
        {"FAULT": "truncate"},
        {"FAULT": "flip"},
        {"FAULT": "no-record"},
        {"ENCRYPTION_FILE": "/nowhere"},
        {"DATA": "/nowhere"},
    ],
    ids=lambda changes: "-".join(changes.values()).strip("/"),
)
def test_a_run_that_failed_leaves_no_point(shop: Workshop, changes: dict[str, str]) -> None:
    assert shop.run("backup.sh").returncode == 0
    before = shop.points()
    failed = shop.run("backup.sh", **changes)
    assert failed.returncode != 0
    assert "FAILED" in failed.stderr
    assert shop.points() == before
    assert shop.run("restore.sh").returncode == 0
    assert shop.live() == {"one": ONE, "two": TWO}


def test_nothing_to_back_up_is_a_failure(shop: Workshop) -> None:
    for path in (shop.root / "data").iterdir():
        path.unlink()
    failed = shop.run("backup.sh")
    assert failed.returncode == 1
    assert "nothing to back up" in failed.stderr


def test_an_empty_part_is_a_failure(shop: Workshop) -> None:
    shop.put(two="")
    assert shop.run("backup.sh").returncode == 1
    assert shop.points() == []


def test_live_data_is_overwritten_only_when_a_person_says_so(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    (shop.root / "live" / "precious").write_text("data")
    for words in ("", "yes", "overwrite shop/other"):
        refused = shop.run("restore.sh", CONFIRM=words)
        assert refused.returncode == 1
        assert "overwrite shop/orders" in refused.stderr
    assert shop.live() == {"precious": "data"}
    assert shop.run("restore.sh", CONFIRM="overwrite shop/orders").returncode == 0
    assert shop.live() == {"one": ONE, "two": TWO}


def test_a_damaged_point_is_found_before_live_data_goes(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    (shop.root / "live" / "precious").write_text("data")
    failed = shop.run("restore.sh", CONFIRM="overwrite shop/orders", FAULT="flip")
    assert failed.returncode == 1
    assert "was not touched" in failed.stderr
    assert shop.live() == {"precious": "data"}


def test_a_point_is_chosen_by_id_or_by_moment(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    for stamp in ("20240101T000000Z", "20240102T000000Z", "20240103T000000Z"):
        shop.forge(f"{stamp}-0a1b2c")
    (shop.root / "store" / "records" / "readme.json").write_text("{}")
    listed = shop.run("restore.sh", WANTED="list")
    assert listed.stdout.split() == [p for p in shop.points() if p != "readme"]
    assert shop.live() == {}
    wanted = {
        "20240102T000000Z-0a1b2c": "20240102T000000Z",
        "2024-01-02T00:00:00Z": "20240102T000000Z",
        "2024-01-02T23:59:59Z": "20240102T000000Z",
        "2099-01-01T00:00:00Z": shop.points()[-2][:16],
    }
    for words, stamp in wanted.items():
        done = shop.run("restore.sh", WANTED=words, CONFIRM="overwrite shop/orders")
        assert f"restoring point {stamp}-" in done.stderr, words
    for words in ("2023-12-31T23:59:59Z", "20240109T000000Z-0a1b2c", "yesterday", "2024"):
        assert shop.run("restore.sh", WANTED=words).returncode == 1, words


def test_a_point_that_is_taken_forward_was_complete_before_the_moment(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    for stamp, ended in (("20240101T000000Z", 1_704_067_260), ("20240102T000000Z", 1_704_157_200)):
        shop.forge(f"{stamp}-0a1b2c")
        record = shop.root / "store" / "records" / f"{stamp}-0a1b2c.json"
        text = re.sub(r'"ended": [0-9]+', f'"ended": {ended}', record.read_text())
        record.write_text(text)
    wanted = {
        "2024-01-02T00:30:00Z": ("20240102T000000Z", "20240101T000000Z"),
        "2024-01-02T01:00:00Z": ("20240102T000000Z", "20240102T000000Z"),
        "2024-01-01T00:00:30Z": ("20240101T000000Z", None),
    }
    for words, (begun, complete) in wanted.items():
        for forward, expected in (("", begun), ("to any moment", complete)):
            values = {"WANTED": words, "CONFIRM": "overwrite shop/orders", "FORWARD": forward}
            done = shop.run("restore.sh", **values)
            assert done.returncode == (0 if expected else 1), done.stderr
            assert expected is None or f"restoring point {expected}-" in done.stderr


def test_maintenance_removes_what_is_old_and_what_failed(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    newest = shop.points()[-1]
    for stamp in ("20200101T000000Z", "20200102T000000Z", "20200103T000000Z", "20200104T000000Z"):
        shop.forge(f"{stamp}-0a1b2c")
    stray = shop.root / "store" / "objects" / "20200105T000000Z-ffffff"
    stray.mkdir()
    (stray / "one").write_text("half")
    done = shop.run("maintain.sh")
    assert done.returncode == 0, done.stderr
    assert shop.points() == ["20200103T000000Z-0a1b2c", "20200104T000000Z-0a1b2c", newest]
    assert sorted(p.name for p in (shop.root / "store" / "objects").iterdir()) == shop.points()
    [check] = (shop.root / "store" / "checks").iterdir()
    assert json.loads(check.read_text())["share"] == 1


def test_maintenance_reads_every_point_in_so_many_runs(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    victim = next((shop.root / "store" / "objects").rglob("one"))
    victim.write_bytes(b"x" + victim.read_bytes()[1:])
    codes = [shop.run("maintain.sh", SHARES="3").returncode for _ in range(3)]
    assert 1 in codes
    failed = codes.index(1)
    assert codes[failed:] == [1] * (3 - failed), "a share that failed comes again"


def test_maintenance_with_no_point_is_an_alarm(shop: Workshop) -> None:
    failed = shop.run("maintain.sh")
    assert failed.returncode == 1
    assert "nothing is protected" in failed.stderr


@pytest.mark.parametrize("fault", ["unreachable", "denied"])
def test_maintenance_that_cannot_work_fails(shop: Workshop, fault: str) -> None:
    assert shop.run("backup.sh").returncode == 0
    for stamp in ("20200101T000000Z", "20200102T000000Z", "20200103T000000Z"):
        shop.forge(f"{stamp}-0a1b2c")
    before = shop.points()
    assert shop.run("maintain.sh", FAULT=fault).returncode == 1
    assert shop.points() == before


def test_a_copy_of_a_copy_is_the_newest_point_read_back(shop: Workshop) -> None:
    assert shop.run("backup.sh").returncode == 0
    there = shop.root / "there"
    there.mkdir()
    change = {
        "FROM_STORE": f"store:{shop.root / 'store'}",
        "FROM_LOCATION": "here",
        "FROM_ENCRYPTION_FILE": str(shop.root / "password"),
        "FROM_AZURE_CREDENTIALS_FILE": "",
        "STORE": f"store:{there}",
        "LOCATION": "there",
    }
    assert shop.run("copy.sh", **change, FAULT="flip").returncode == 1
    assert not (there / "records").exists()
    done = shop.run("copy.sh", **change)
    assert done.returncode == 0, done.stderr
    [path] = (there / "records").iterdir()
    record = json.loads(path.read_text())
    assert (record["location"], record["from"]) == ("there", "here")
    assert shop.run("copy.sh", **change).returncode == 0
    back = shop.run("restore.sh", STORE=f"store:{there}", LOCATION="there")
    assert back.returncode == 0, back.stderr
    assert shop.live() == {"one": ONE, "two": TWO}
