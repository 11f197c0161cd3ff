"""Every call to the operating system fails once, in every way; no tree may be lost by it."""

from __future__ import annotations

import errno
import itertools
import random
import shutil
from contextlib import suppress

import pytest

from bpc.output.cause import Cause
from bpc.output.compare import Kind
from bpc.output.errors import OutputError

OLD = {
    "prod": {
        "10-operator/release.yaml": "release: 1\n",
        "30-schedules/gone.yaml": "gone: 1\n",
        "notes": "a file that becomes a directory\n",
        "proof/part/one.json": "a directory that becomes a file\n",
    },
    "lost": {"00-prerequisites/namespace.yaml": "namespace: 1\n"},
}
NEW = {
    "prod": {
        "10-operator/release.yaml": "release: 2\n",
        "notes/index.md": "notes: 2\n",
        "proof/part": "part: 2\n",
    },
    "won": {"00-prerequisites/namespace.yaml": "namespace: 1\n"},
}
OTHER = {"prod": {"10-operator/release.yaml": "release: 3\n", "proof/part/two.json": "three\n"}}
SMALL_OLD = {"edge": {"a.yaml": "a: 1\n", "b/gone.yaml": "b: 1\n"}}
SMALL_NEW = {"edge": {"a.yaml": "a: 2\n", "c/new.yaml": "c: 1\n"}}

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EINTR)
REFUSED = {Kind.HAND_EDITED, Kind.FOREIGN, Kind.OBSTACLE}


class Estate:
    """An old tree on disk, a new state, and what each state holds when it is built in peace."""

    def __init__(self, tmp_path, build, check, read, states):
        self.root = tmp_path / "output"
        self.old, self.new, *_ = states
        self.peaceful = []
        self._build, self._check, self._read = build, check, read
        for number, state in enumerate(states):
            build(tmp_path / str(number), state)
            self.peaceful.append(read(tmp_path / str(number)))
        self._saved = tmp_path / "0"

    def restore(self):
        if not self.root.exists() or self._read(self.root) != self.peaceful[0]:
            shutil.rmtree(self.root, ignore_errors=True)
            if self._saved.exists():
                shutil.copytree(self._saved, self.root)

    def build(self, state, calls=None):
        return self._build(self.root, state, calls=calls)

    def is_new(self):
        return self._read(self.root) == self.peaceful[1]

    def is_partial(self):
        return any(d.reason.cause is Cause.PARTIAL for d in self._check(self.root, self.new))

    def assert_repaired_by(self, state, number):
        self.build(state)
        assert self._read(self.root) == self.peaceful[number]

    def assert_explained(self):
        """Each cluster is old, or new, or called partial; nothing passes for a hand edit."""
        found = self._read(self.root)
        if found in self.peaceful[:2]:
            return
        drifts = self._check(self.root, self.new)
        assert not [drift for drift in drifts if drift.kind in REFUSED]
        for cluster in self.new:
            now, old, new = (
                {path: data for path, data in tree.items() if path.startswith(f"{cluster}/")}
                for tree in (found, *self.peaceful[:2])
            )
            causes = {d.reason.cause for d in drifts if d.path.startswith(f"{cluster}/")}
            assert now in (old, new) or causes == {Cause.PARTIAL}, cluster


@pytest.fixture
def estate(tmp_path, build, check, read):
    return Estate(tmp_path, build, check, read, [OLD, NEW, OTHER])


@pytest.fixture
def small_estate(tmp_path, build, check, read):
    return Estate(tmp_path, build, check, read, [SMALL_OLD, SMALL_NEW])


def inject_everywhere(estate, faulty, faults, step=1):
    """Build the new state with a fault at one call after the other until a build has none left."""
    turns = itertools.cycle(faults)
    for k in itertools.count(1, step):
        estate.restore()
        calls = faulty(k, next(turns))
        with suppress(OutputError):
            estate.build(estate.new, calls)
        assert not calls.open_now
        if not calls.reached:
            break
        estate.assert_explained()
        estate.assert_repaired_by(estate.new, 1)
    assert estate.is_new()
    return k


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
def test_the_next_build_repairs_what_any_error_at_any_call_left(small_estate, faulty, error):
    assert inject_everywhere(small_estate, faulty, [error]) > 100


def test_the_next_build_repairs_what_errors_in_the_very_first_one_left(
    tmp_path, build, check, read, faulty
):
    estate = Estate(tmp_path, build, check, read, [{}, SMALL_NEW])
    assert inject_everywhere(estate, faulty, ERRORS) > 80


def test_errors_in_a_build_that_turns_files_into_directories_are_repaired_too(estate, faulty):
    assert inject_everywhere(estate, faulty, ERRORS, step=2) > 250


def test_a_short_write_is_continued(small_estate, faulty):
    small_estate.restore()
    calls = faulty()
    small_estate.build(SMALL_NEW, calls)
    for k in (k for k, name in enumerate(calls.names, 1) if name == "write"):
        small_estate.restore()
        small_estate.build(SMALL_NEW, faulty(k, "short"))
        assert small_estate.is_new()


def crashed(estate, faulty, crash, k, state):
    calls = faulty(k, "crash")
    try:
        estate.build(state, calls)
    except crash:
        return True
    finally:
        calls.close_all()
    return False


def test_a_crash_at_any_call_leaves_a_tree_that_the_next_build_repairs(estate, faulty, crash):
    for k in itertools.count(1):
        estate.restore()
        if not crashed(estate, faulty, crash, k, NEW):
            break
        estate.assert_explained()
        state, number = ((NEW, 1), (OTHER, 2), (OLD, 0))[k % 3]
        estate.assert_repaired_by(state, number)
    assert k > 250


def test_a_crash_at_any_call_of_the_repair_itself_is_repaired(estate, faulty, crash):
    estate.restore()
    calls = faulty()
    estate.build(NEW, calls)
    _, _, half_way, *_ = (k for k, name in enumerate(calls.names, 1) if name == "replace")
    for k in itertools.count(1, 3):
        estate.restore()
        assert crashed(estate, faulty, crash, half_way, NEW)
        assert estate.is_partial()
        if not crashed(estate, faulty, crash, k, OTHER):
            break
        crashed(estate, faulty, crash, k + 1, NEW)
        estate.assert_repaired_by(OLD, 0)
    assert k > 100


def test_several_crashes_in_a_row_are_repaired(estate, faulty, crash):
    draw = random.Random(7)  # noqa: S311  # a test's choice, repeatable
    for _ in range(40):
        estate.restore()
        for _ in range(4):
            crashed(estate, faulty, crash, draw.randrange(1, 330), draw.choice([NEW, OTHER]))
        estate.assert_repaired_by(OLD, 0)
