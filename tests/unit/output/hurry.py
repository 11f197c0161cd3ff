"""Builds in processes of their own, to be killed or to race: `hurry.py kill|race|limit ROOT`."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

from bpc.output.cause import Cause
from bpc.output.compare import Kind
from bpc.output.errors import OutputError
from bpc.output.lock import Input, LockHeader
from bpc.output.tree import open_tree

HEADER = LockHeader("0.1.0", "t", "2026a")
REFUSED = {Kind.HAND_EDITED, Kind.FOREIGN, Kind.OBSTACLE}


def files(state: int) -> dict[str, bytes]:
    shared = {f"d{n % 5}/f{n}.yaml": b"%d\n" % state for n in range(30)}
    return {**shared, f"only/{state}.yaml": b"x\n", "big.json": b"%d" % state * 20_000}


def fill(tree, state):
    writer = tree.cluster("prod", HEADER, [Input("p.yaml", str(state))])
    for path, content in files(state).items():
        writer.add(path, content, "shop")


def build(root: Path, state: int, *, durable: bool = True) -> None:
    with open_tree(root, durable=durable) as tree:
        fill(tree, state)
        tree.commit()


def drift(root: Path, state: int) -> list:
    with open_tree(root, readonly=True) as tree:
        fill(tree, state)
        return list(tree.drift())


def on_disk(root: Path) -> dict[str, bytes]:
    found = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    found.pop("prod/bpc.lock", None)
    return found


def expected(state: int) -> dict[str, bytes]:
    return {f"prod/{path}": content for path, content in files(state).items()}


def kill(root: Path, times: int) -> None:
    """Kill builds at random moments; the tree is old, new or partial, and the next build repairs it."""
    draw = random.Random()  # noqa: S311  # the moment matters, not the number
    build(root, -1, durable=False)
    start = time.monotonic()
    os.waitpid(in_child(root, 0), 0)
    whole = time.monotonic() - start
    found = {"old": 0, "new": 0, "partial": 0}
    for turn in range(1, times + 1):
        child = in_child(root, turn)
        time.sleep(draw.uniform(0, 1.2 * whole))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        drifts = drift(root, turn)
        assert not [d for d in drifts if d.kind in REFUSED], drifts
        visible = {path: text for path, text in on_disk(root).items() if path.startswith("prod/")}
        if visible == expected(turn - 1):
            found["old"] += 1
        elif visible == expected(turn):
            found["new"] += 1
        else:
            found["partial"] += 1
            assert {d.reason.cause for d in drifts} == {Cause.PARTIAL}, drifts
        build(root, turn, durable=False)
        assert on_disk(root) == expected(turn)
    sys.stdout.write(f"{found}\n")


def in_child(root: Path, state: int) -> int:
    """Start a build in a process of its own and return its number."""
    child = os.fork()
    if not child:
        build(root, state, durable=False)
        os._exit(0)
    return child


def race(root: Path, builders: int, rounds: int) -> None:
    """Start builds at the same moment: some win in turn, the others are told at once."""
    for turn in range(rounds):
        if turn % 2:
            shutil.rmtree(root)
        ready, go = os.pipe()
        children = []
        for n in range(builders):
            child = os.fork()
            if not child:
                os.close(go)
                os.read(ready, 1)
                os._exit(attempt(root, turn * builders + n))
            children.append(child)
        os.close(go)
        os.close(ready)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert set(codes) <= {0, 3}, codes
        assert 0 in codes, codes
        winners = [turn * builders + n for n, code in enumerate(codes) if code == 0]
        assert on_disk(root) in [expected(state) for state in winners]
        sys.stdout.write(f"{codes.count(0)} {codes.count(3)}\n")


def attempt(root: Path, state: int) -> int:
    try:
        build(root, state, durable=False)
    except OutputError as error:
        return 3 if "another bpc is at work" in error.message else 4
    return 0


def limit(root: Path) -> None:
    """Build under a limit on the size of files, which the system enforces."""
    build(root, 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
    try:
        build(root, 2)
    except OutputError as error:
        sys.stdout.write(f"{error.message}: {error.help}\n")
    assert on_disk(root) == expected(1)


if __name__ == "__main__":
    verb, place, *numbers = sys.argv[1:]
    {"kill": kill, "race": race, "limit": limit}[verb](Path(place), *map(int, numbers))
