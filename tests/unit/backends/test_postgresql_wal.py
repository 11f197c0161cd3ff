"""The archive of the write-ahead log: its arithmetic, its stream and its maintenance, in several shells."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shells import SHELLS, every
from tests.unit.backends.postgresql_stand_ins import HOSTILE, SCRIPTS, SHARED

SIZE = 16 * 2**20
SYSTEM = "77"
# It goes on behind the newest file in its directory, like the real one, and ends as it is told.
_RECEIVER = """#!/bin/sh
test "$1" != --version || { echo "pg_receivewal (PostgreSQL) 15.20"; exit 0; }
ls "$SPOOL/77" | grep -v anew >"$STATE/begin"
sleep 0.3
cp "$STATE"/received/* "$SPOOL/77/" 2>"$STATE/none" || :
sleep "$LASTS"
cat "$STATE/complaint" >&2
exit 1
"""
_PSQL = """#!/bin/sh
words=$*
case $words in *"--file -"*) words="$words $(cat)" ;; esac
echo "$words" >>"$STATE/queries"
case $words in
  *server_version_num*) echo 150020 ;;
  *pg_is_in_recovery*) echo f ;;
  *max_slot_wal_keep_size*) cat "$STATE/bound" ;;
  *system_identifier*) echo 77 ;;
  *wal_segment_size*) echo 16777216 ;;
  *TIMELINE_HISTORY*) cat "$STATE/history" ;;
  *"select wal_status"*) cat "$STATE/status" ;;
  *"pg_walfile_name(restart_lsn)"*) cat "$STATE/reserved" ;;
  *"pg_walfile_name(pg_current_wal_lsn())"*) cat "$STATE/timeline" ;;
esac
"""


def named(timeline: int, number: int) -> str:
    return f"{timeline:08X}{number // 256:08X}{number % 256:08X}"


class Archive:
    """A stream, an archive and a server, in one shell."""

    def __init__(self, shell: str, home: Path) -> None:
        if shutil.which(shell.split(maxsplit=1)[0]) is None:
            pytest.skip(f"needs {shell}: the scripts in one more shell")
        self.shell, self.home = shell, home
        self.state, self.store, self.spool = home / "state", home / "wal", home / "spool"
        (self.state / "received").mkdir(parents=True)
        for folder in ("bin", "scratch", "scripts", "records", "credentials/database"):
            (home / folder).mkdir(parents=True)
        for name in ("username", "password"):
            (home / "credentials" / "database" / name).write_text(HOSTILE, encoding="utf-8")
        for source in (*SCRIPTS.iterdir(), *SHARED.iterdir()):
            text = source.read_text(encoding="utf-8")
            text = text.replace("/credentials/", f"{home}/credentials/")
            (home / "scripts" / source.name).write_text(text, encoding="utf-8")
        waldump = "rmgr: Transaction len 46, desc: COMMIT 2026-11-24 11:00:00.5 UTC; inval msgs"
        rclone = Path(__file__).with_name("postgresql_rclone.py")
        programs = {
            "psql": _PSQL,
            "pg_receivewal": _RECEIVER,
            "pg_waldump": f"#!/bin/sh\necho '{waldump}'\nexit 1\n",
            "rclone": f'#!/bin/sh\nexec {sys.executable} -S -E {rclone} "$@"\n',
        }
        for name, text in programs.items():
            (home / "bin" / name).write_text(text, encoding="utf-8")
            (home / "bin" / name).chmod(0o755)
        (home / "password").write_text("sesame", encoding="utf-8")
        self.says(bound="1024", status="reserved", reserved=named(1, 4), timeline="00000001")
        self.says(history="", complaint="the server has closed the connection")

    def says(self, **answers: str) -> None:
        """Set what server and receiver say."""
        for name, text in answers.items():
            (self.state / name).write_text(text + "\n", encoding="utf-8")

    def receives(self, **files: bytes) -> None:
        """Set what is received next; `_` stands for a dot."""
        shutil.rmtree(self.state / "received")
        (self.state / "received").mkdir()
        for name, data in files.items():
            (self.state / "received" / name.lstrip("s").replace("_", ".")).write_bytes(data)

    def keeps(self, *names: str, data: bytes = b"x", system: str = SYSTEM) -> None:
        """Put files into the archive."""
        for name in names:
            folder = "history" if name.endswith(".history") else name[:16]
            path = self.store / system / folder / f"{name}.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(data))

    def names(self, system: str = SYSTEM) -> list[str]:
        """Return what is archived."""
        found = (self.store / system).rglob("*.gz")
        return sorted(path.name.removesuffix(".gz") for path in found)

    def run(self, *words: str, **values: str) -> subprocess.CompletedProcess[str]:
        """Run words in the shell."""
        return subprocess.run(
            [*self.shell.split(), *words],
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
            env={
                "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
                "TMPDIR": str(self.home),
                "SCRATCH": str(self.home / "scratch"),
                "SCRIPTS": str(self.home / "scripts"),
                "ARCHIVE": str(self.store),
                "STATE": str(self.state),
                "SPOOL": str(self.spool),
                "STORE": f"store:{self.home}",
                "ENCRYPTION_FILE": str(self.home / "password"),
                "AZURE_CREDENTIALS_FILE": "",
                "METRICS_FILE": str(self.home / "metrics"),
                "ENGINE": "restic",
                "HOST": "orders-db",
                "PORT": "5432",
                "TLS": "verify",
                "CA_FILE": "/ca.crt",
                "SLOT": "bpc_slot",
                "LAG": "1",
                "LASTS": "3",
                "SHARES": "1",
                "GRACE": "172800",
                "WAL_KEEP": "",
                "FLOOR": "1",
                **values,
            },
        )

    def stream(self, **values: str) -> subprocess.CompletedProcess[str]:
        """Run the stream to its end."""
        return self.run(str(self.home / "scripts" / "stream.sh"), **values)

    def keep(self, *points: str, **values: str) -> subprocess.CompletedProcess[str]:
        """Run the maintenance with the points whose log begins there."""
        kept = []
        for index, begin in enumerate(points):
            kept.append(f"202611{10 + index}T000000Z-aaaaaa")
            text = f'  "tools": ["server 15.20", "wal {SYSTEM} {begin} {SIZE}"],\n'
            (self.home / "records" / f"{kept[-1]}.json").write_text(text, encoding="utf-8")
        (self.home / "scratch" / "kept").write_text("".join(f"{each}\n" for each in kept))
        return self.run(str(self.home / "scripts" / "keep.sh"), "1", **values)

    def plan(self, wanted: str, lost: str | None) -> subprocess.CompletedProcess[str]:
        """Look at the target of a restore to that, where a segment may be lost."""
        shutil.rmtree(self.store, ignore_errors=True)
        self.keeps("00000002-20261124T100000Z.history", data=b"1\t0/5000100\tbefore\n")
        names = {named(1, 4), named(1, 5), named(2, 5), named(2, 6), f"{named(2, 7)}.partial"}
        self.keeps(*names - {lost})
        (self.home / "data").mkdir(exist_ok=True)
        record = f'  "tools": ["wal {SYSTEM} {named(1, 4)} {SIZE}"],\n'
        (self.home / "scratch" / "record").write_text(record, encoding="utf-8")
        text = (SCRIPTS / "physical.sh").read_text(encoding="utf-8")
        script = self.home / "scripts" / "physical.sh"
        script.write_text(text.replace("=/data\n", f"={self.home}/data\n"), encoding="utf-8")
        data = str(self.home / "data" / "pgdata")
        return self.run(str(script), "guard", WANTED=wanted, SLOTS="here bpc", DATA=data)

    def call(self, words: str) -> str:
        """Run a function of the library."""
        done = self.run("-c", f'set -eu; . "$SCRIPTS/wal.sh"; {words}')
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def follow(self, begin: str, timeline: int, names: list[str], history: str = "") -> str:
        """Return the row of files and what is missing behind it, as one line."""
        scratch = self.home / "scratch"
        (scratch / "history").write_text(history, encoding="utf-8")
        (scratch / "archived").write_text("".join(f"{each}\n" for each in names))
        missing = self.call(f"follow {begin} {SIZE} {timeline}")
        row = (scratch / "row").read_text(encoding="utf-8").split()
        return f"{' '.join(row)} -> {missing}"

    @property
    def queries(self) -> str:
        """What was asked of the server."""
        return (self.state / "queries").read_text(encoding="utf-8")


@pytest.fixture(params=every(SHELLS))
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    return Archive(request.param, tmp_path)


@pytest.mark.parametrize(
    ("segment", "places", "size", "expected"),
    [
        (named(1, 1), 1, SIZE, named(1, 2)),
        (named(1, 255), 1, SIZE, named(1, 256)),
        (named(2, 256), -1, SIZE, named(2, 255)),
        ("00000003" + "0000000A" + "00000003", 1, 2**30, "00000003" + "0000000B" + "00000000"),
    ],
)
def test_segments_are_counted(
    archive: Archive, segment: str, places: int, size: int, expected: str
) -> None:
    assert archive.call(f"segment_behind {segment} {places} {size}") == expected


def test_positions_and_segments_belong_together(archive: Archive) -> None:
    assert archive.call(f"end_of_segment {named(1, 2)} {SIZE}") == "0/3000000"
    assert archive.call(f"end_of_segment {named(1, 255)} {SIZE}") == "1/0"
    assert archive.call(f"segment_at 00000002 1/2FFFFFF {SIZE}") == named(2, 258)


def test_a_row_ends_with_the_newest_part(archive: Archive) -> None:
    names = [named(1, 2), named(1, 3), f"{named(1, 3)}.partial", f"{named(1, 4)}.partial"]
    expected = f"{named(1, 2)} {named(1, 3)} {named(1, 4)}.partial -> "
    assert archive.follow(named(1, 2), 1, names) == expected


@pytest.mark.parametrize("last", [named(1, 5), f"{named(1, 5)}.partial"])
def test_what_is_missing_in_a_row_is_named(archive: Archive, last: str) -> None:
    found = archive.follow(named(1, 2), 1, [named(1, 2), named(1, 3), last])
    assert found == f"{named(1, 2)} {named(1, 3)} -> {named(1, 4)}"
    assert archive.follow(named(1, 2), 1, [last]) == f" -> {named(1, 2)}"


def test_a_part_in_the_middle_is_not_enough(archive: Archive) -> None:
    found = archive.follow(named(1, 2), 1, [f"{named(1, 2)}.partial", named(1, 3)])
    assert found == f"{named(1, 2)}.partial -> {named(1, 2)}"


def test_nothing_archived_is_no_gap(archive: Archive) -> None:
    assert archive.follow(named(1, 2), 1, []) == " -> "


def test_a_row_goes_over_to_the_new_timeline(archive: Archive) -> None:
    old = [named(1, number) for number in (254, 255, 256, 257)]
    new = [named(2, 256), named(2, 257), named(4, 257), named(4, 258)]
    history = "1\t1/500\tbefore\n2\t1/1000500\tafter\n"
    expected = [named(1, 254), named(1, 255), named(2, 256), named(4, 257), named(4, 258)]
    found = archive.follow(named(1, 254), 4, old + new, history)
    assert found == " ".join(expected) + " -> "
    short = archive.follow(named(2, 256), 4, new[1:], history)
    assert short == f" -> {named(2, 256)}"


def test_everything_that_arrives_is_stored_and_let_go(archive: Archive) -> None:
    four, five = named(1, 4), named(1, 5)
    archive.receives(**{f"s{four}": b"full", f"s{five}_partial": b"begun"})
    done = archive.stream()
    assert done.returncode == 1
    assert "pg_receivewal says 1" in done.stderr
    assert archive.names() == [four, f"{five}.partial"]
    assert (archive.state / "begin").read_text().strip() == named(1, 3)
    assert "end=0/5000000" in archive.queries
    assert "bpc_wal_archived_timestamp_seconds" in (archive.home / "metrics").read_text()
    assert HOSTILE not in done.stdout + done.stderr + archive.queries


def test_the_stream_goes_on_behind_what_is_stored(archive: Archive) -> None:
    archive.keeps(named(1, 6), named(1, 7), f"{named(1, 8)}.partial")
    archive.stream(LASTS="0")
    assert (archive.state / "begin").read_text().strip() == named(1, 7)


def test_what_a_container_left_is_stored_by_the_next_one(archive: Archive) -> None:
    (archive.spool / SYSTEM).mkdir(parents=True)
    (archive.spool / SYSTEM / named(1, 4)).write_bytes(b"left")
    archive.stream(LASTS="0")
    assert archive.names() == [named(1, 4)]
    assert (archive.state / "begin").read_text().strip() == named(1, 4)


def test_the_placeholder_of_an_earlier_container_is_never_stored(archive: Archive) -> None:
    archive.stream(LASTS="0")
    assert (archive.spool / SYSTEM / named(1, 3)).exists()
    archive.stream(LASTS="0")
    assert archive.names() == []


def test_nothing_is_let_go_that_was_not_read_back(archive: Archive) -> None:
    archive.receives(**{f"s{named(1, 4)}": b"full"})
    for fault in ("copyto", "flip"):
        assert archive.stream(FAULT=fault).returncode == 1
        assert "end=" not in archive.queries


def test_what_is_stored_is_never_replaced(archive: Archive) -> None:
    archive.keeps(named(1, 3), named(1, 4), data=b"full")
    (archive.spool / SYSTEM).mkdir(parents=True)
    (archive.spool / SYSTEM / named(1, 4)).write_bytes(b"other")
    done = archive.stream()
    assert "two servers claim the same history" in done.stderr
    stored = archive.store / SYSTEM / named(1, 4)[:16] / f"{named(1, 4)}.gz"
    assert gzip.decompress(stored.read_bytes()) == b"full"


def test_an_unbounded_slot_is_not_made(archive: Archive) -> None:
    archive.says(bound="-1")
    done = archive.stream()
    assert "max_slot_wal_keep_size is not set" in done.stderr
    assert "pg_create_physical_replication_slot" not in archive.queries


def test_a_lost_slot_is_made_again(archive: Archive) -> None:
    archive.says(status="lost")
    archive.stream(LASTS="0")
    assert "pg_drop_replication_slot" in archive.queries


def test_a_gap_is_said_and_the_next_container_begins_anew(archive: Archive) -> None:
    archive.keeps(named(1, 2))
    archive.says(complaint="ERROR:  requested WAL segment x has already been removed")
    done = archive.stream(LASTS="0")
    assert "GAP" in done.stderr
    assert (archive.state / "begin").read_text().strip() == named(1, 2)
    assert "pg_drop_replication_slot" not in archive.queries
    again = archive.stream(LASTS="0")
    assert (archive.state / "begin").read_text().strip() == named(1, 3), again.stderr
    archive.receives(**{f"s{named(1, 4)}": b"full"})
    archive.says(complaint="closed")
    archive.stream()
    assert "pg_drop_replication_slot" in archive.queries
    assert not (archive.spool / SYSTEM / "anew").exists()
    assert archive.names() == [named(1, 2), named(1, 4)]


def test_another_complaint_is_no_gap(archive: Archive) -> None:
    assert "GAP" not in archive.stream(LASTS="0").stderr


def test_a_restored_server_is_followed_from_where_it_left_the_old_timeline(
    archive: Archive,
) -> None:
    archive.keeps(named(1, 6), named(1, 7))
    archive.says(timeline="00000002", history="00000002.history|1\t0/5000100\tbefore")
    archive.stream(LASTS="0")
    assert (archive.state / "begin").read_text().strip() == named(2, 4)


def test_a_promoted_server_is_followed_over_its_switch(archive: Archive) -> None:
    archive.keeps(named(1, 6), named(1, 7))
    archive.says(timeline="00000002", history="00000002.history|1\t0/9000100\tafter")
    archive.stream(LASTS="0")
    assert (archive.state / "begin").read_text().strip() == named(1, 7)


def test_a_stream_lives_while_it_beats(archive: Archive) -> None:
    script = str(archive.home / "scripts" / "stream.sh")
    archive.spool.mkdir()
    assert archive.run(script, "alive").returncode != 0
    beat = archive.spool / "beat"
    beat.touch()
    assert archive.run(script, "alive").returncode == 0
    os.utime(beat, (1_000_000, 1_000_000))
    assert archive.run(script, "alive").returncode != 0


def test_log_before_every_point_goes(archive: Archive) -> None:
    archive.keeps(*(named(1, number) for number in range(2, 9)), "00000002-x.history")
    archive.keeps(f"{named(1, 5)}.partial", f"{named(1, 9)}.partial", data=b"p")
    done = archive.keep(named(1, 5), named(1, 7), SHARES="1000000")
    assert done.returncode == 0, done.stderr
    left = [named(1, number) for number in range(5, 9)]
    assert archive.names() == sorted([*left, f"{named(1, 9)}.partial", "00000002-x.history"])


def test_a_point_after_a_restore_counts_although_its_number_is_less(archive: Archive) -> None:
    archive.keeps(named(1, 5), named(2, 4), named(2, 5), named(1, 2))
    assert archive.keep(named(1, 5), named(2, 4), SHARES="1000000").returncode == 0
    assert archive.names() == [named(1, 5), named(2, 4), named(2, 5)]


def test_a_window_keeps_the_point_that_it_begins_with(archive: Archive) -> None:
    archive.keeps(*(named(1, number) for number in range(2, 9)))
    points = (named(1, 2), named(1, 4), named(1, 6))
    done = archive.keep(*points, WAL_KEEP="80000", SHARES="1000000")
    assert done.returncode == 0, done.stderr
    assert archive.names()[0] == named(1, 4)


def test_a_gap_fails_the_maintenance(archive: Archive) -> None:
    archive.keeps(named(1, 5), named(1, 7))
    done = archive.keep(named(1, 5), SHARES="1000000")
    assert done.returncode == 1
    assert f"GAP: the archive lacks {named(1, 6)}" in done.stderr


def test_every_archived_segment_is_read_whole(archive: Archive) -> None:
    archive.keeps(named(1, 5), data=bytes(SIZE))
    assert archive.keep(named(1, 5)).returncode == 0
    archive.keeps(named(1, 6), data=b"short")
    done = archive.keep(named(1, 5))
    assert f"{named(1, 6)} is not whole" in done.stderr
    assert archive.keep(named(1, 5), FAULT="flip").returncode == 1


def test_log_of_a_server_without_points_only_goes_when_it_is_old(archive: Archive) -> None:
    archive.keeps(named(1, 5), system="88")
    assert archive.keep().returncode == 0
    assert (archive.store / "88" / "too-old").read_text() == "172800s"
    assert archive.names("88") == [named(1, 5)]


def test_an_archive_that_cannot_be_listed_fails(archive: Archive) -> None:
    assert archive.keep(named(1, 5), FAULT="lsf").returncode == 1
    assert archive.stream(FAULT="lsf").returncode == 1


def test_a_server_that_recovers_gets_what_is_archived(archive: Archive) -> None:
    names = [named(1, 4), f"{named(1, 5)}.partial", "00000002-20261124T100000Z.history"]
    archive.keeps(*names, data=b"log")
    scratch = archive.home / "scratch"
    (scratch / "system").write_text(f"{SYSTEM}\n")
    (scratch / "archived").write_text("".join(f"{each}\n" for each in names))
    script, target = str(archive.home / "scripts" / "physical.sh"), archive.home / "got"
    for wanted in (named(1, 4), named(1, 5), "00000002.history"):
        assert archive.run(script, "fetch", wanted, str(target)).returncode == 0
        assert target.read_bytes() == b"log"
        target.unlink()
    # A server takes 1 for the end of the log, and stops at anything above 125.
    for absent in (named(1, 6), "00000003.history", named(2, 4)):
        assert archive.run(script, "fetch", absent, str(target)).returncode == 1
    assert archive.run(script, "fetch", named(1, 4), str(target), FAULT="flip").returncode > 125
    assert not target.exists()


@pytest.mark.parametrize(
    ("wanted", "goal"),
    [
        ("", ["recovery_target_timeline=2"]),
        ("20261124T090000Z-aaaaaa", ["recovery_target=immediate"]),
        (
            "2026-11-24T09:30:00Z",
            ["recovery_target_time=2026-11-24 09:30:00+00", "recovery_target_timeline=1"],
        ),
        (
            "2026-11-24T10:30:00Z",
            ["recovery_target_time=2026-11-24 10:30:00+00", "recovery_target_timeline=2"],
        ),
        ("2026-11-24T11:30:00Z", None),
    ],
)
def test_a_moment_belongs_to_the_timeline_of_its_day(
    archive: Archive, wanted: str, goal: list[str] | None
) -> None:
    done = archive.plan(wanted, lost=None)
    if goal is None:
        assert "the archive ends before 2026-11-24 11:30:00" in done.stderr
        assert "2026-11-24 11:00:00.5 UTC" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert (archive.home / "scratch" / "goal").read_text().splitlines() == goal


def test_a_gap_is_an_error_only_for_what_lies_behind_it(archive: Archive) -> None:
    lost = named(2, 6)
    done = archive.plan("", lost=lost)
    assert done.returncode == 1
    assert f"GAP: {lost} is not in the archive" in done.stderr
    assert archive.plan("2026-11-24T10:59:00Z", lost=lost).returncode == 0
    late = archive.plan("2026-11-24T11:30:00Z", lost=lost)
    assert f"GAP: {lost}" in late.stderr
