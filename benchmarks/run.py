"""Measures bpc against its targets and its peers: `make benchmark`. Takes some minutes.

All times are CPU times (user and system) of whole processes, children included, and all claims are ratios
of times from this one run. Before anything is timed, the parsed output of every peer is compared with that
of bpc.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from benchmarks import fleet, programs

REPOSITORY = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PEERS = ("jsonnet", "kcl", "jinja")


@dataclass(frozen=True)
class Cost:
    """What a process used: CPU time in seconds and the peak of its memory in MiB."""

    cpu: float
    memory: float


def cost(command: Sequence[str], cwd: Path) -> Cost:
    """Run a command and return what it used; a failing one ends the benchmark."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{command} failed:\n{output.read().decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(runs: int, command: Sequence[str], cwd: Path, before: Callable[[], None]) -> Cost:
    """Return the median time and the greatest memory of some runs, with `before` ahead of each."""
    costs = []
    for _ in range(runs):
        before()
        costs.append(cost(command, cwd))
    return Cost(statistics.median(c.cpu for c in costs), max(c.memory for c in costs))


class Work:
    """A fleet of one size in a directory, and the programs of the peers for it."""

    def __init__(self, home: Path, number: int) -> None:
        self.number, self.project, self.peers = number, home / "project", home / "peers"
        self.policies = fleet.write(self.project, number)

    def build(self, runs: int) -> Cost:
        """Time builds that begin without output."""
        return median(runs, [str(BIN / "bpc"), "build"], self.project, self._forget)

    def again(self, runs: int) -> Cost:
        """Time builds that find everything done."""
        return median(runs, [str(BIN / "bpc"), "build"], self.project, _nothing)

    def peer(self, name: str, runs: int) -> Cost:
        """Time a peer on the same policies."""
        command = [sys.executable, "-m", "benchmarks.peers", name, str(self.peers)]
        return median(runs, command, self.peers, self._forget_peers)

    def prepare_peers(self) -> None:
        """Write the programs of the peers, from what bpc built for the first policy."""
        self._forget_peers()
        self.peers.mkdir(exist_ok=True)
        first = self.policies[0]
        reference = programs.manifests(self.project / "output", first)
        self._put("program.jsonnet", programs.jsonnet(reference, first))
        self._put("program.k", programs.kcl(reference, first))
        self._put("templates.json", json.dumps(programs.jinja(reference, first)))
        self._put("policies.json", json.dumps([asdict(each) for each in self.policies]))

    def compare(self, name: str) -> int:
        """Return how many manifests of a peer equal those of bpc; end the benchmark if one does not."""
        self.peer(name, 1)
        count = 0
        for policy in self.policies:
            for path, data in programs.manifests(self.project / "output", policy).items():
                other = (self.peers / "out" / path).read_bytes()
                if yaml.load(other, programs.Loader) != data:  # noqa: S506 CSafeLoader
                    sys.exit(f"{name} wrote another {path}")
                count += 1
        if count != sum(1 for each in (self.peers / "out").rglob("*") if each.is_file()):
            sys.exit(f"{name} wrote files that bpc did not")
        return count

    def _put(self, name: str, text: str) -> None:
        (self.peers / name).write_text(text, encoding="utf-8")

    def _forget(self) -> None:
        shutil.rmtree(self.project / "output", ignore_errors=True)

    def _forget_peers(self) -> None:
        shutil.rmtree(self.peers / "out", ignore_errors=True)


def _nothing() -> None:
    """Leave everything as it is."""


def main() -> None:
    """Measure, and print a Markdown table for docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1000, help="policies of the middle fleet")
    parser.add_argument("--large", type=int, default=5000, help="policies of the largest fleet")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        _measure(Path(home), chosen.small, chosen.large, chosen.runs)


def _measure(home: Path, small: int, large: int, runs: int) -> None:
    _versions()
    start = [
        median(runs * 5, [sys.executable, "-c", "pass"], home, _nothing),
        median(runs * 5, [str(BIN / "bpc"), "--version"], home, _nothing),
    ]
    one = Work(_directory(home, "one"), 1)
    first = one.build(runs)
    middle = Work(_directory(home, "middle"), small)
    built = middle.build(runs)
    middle.prepare_peers()
    peers = {}
    for name in PEERS:
        count = middle.compare(name)
        print(f"- {name}: {count} manifests equal")
        peers[name] = middle.peer(name, runs)
    shutil.rmtree(home / "middle")
    many = Work(_directory(home, "many"), large)
    most = many.build(1)
    again = many.again(runs)
    growth = math.log(most.cpu / built.cpu) / math.log(large / small)
    plain, version = start
    print("\n| What | Target | Measured | |\n|---|---|---|---|")
    for name, target in (("jsonnet", 0.75), ("kcl", 1.3), ("jinja", math.inf)):
        _row(f"{small} policies, CPU against {name}", target, built.cpu / peers[name].cpu)
    _row(f"growth exponent {small} → {large}", 1.05, growth)
    _row(f"peak memory at {large} against 1", 1.2, most.memory / first.memory)
    _row(f"build with nothing to do, of a full one at {large}", 1 / 30, again.cpu / most.cpu)
    _row("`bpc --version` against `python -c pass`", 1.2, version.cpu / plain.cpu)
    _row("first build of one policy against `python -c pass`", 25, first.cpu / plain.cpu)
    print("\n| What | CPU seconds | Peak MiB |\n|---|---|---|")
    shown = {"python -c pass": plain, "bpc --version": version, "bpc, 1 policy": first}
    shown |= {f"bpc, {small} policies": built, f"bpc, {large} policies": most}
    shown |= {f"bpc, {large} policies, nothing to do": again}
    shown |= {f"{name}, {small} policies": each for name, each in peers.items()}
    for what, each in shown.items():
        print(f"| {what} | {each.cpu:.3f} | {each.memory:.0f} |")


def _row(what: str, target: float, measured: float) -> None:
    if math.isinf(target):
        print(f"| {what} | none | {measured:.2f} | |")
    else:
        verdict = "met" if measured <= target else "**missed**"
        print(f"| {what} | ≤ {target:.3g} | {measured:.3g} | {verdict} |")


def _versions() -> None:
    packages = ("gojsonnet", "kcl-lib", "jinja2", "pydantic", "jsonschema-rs")
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    print(f"- Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} CPUs")
    print(f"- {found}")


def _directory(home: Path, name: str) -> Path:
    path = home / name
    path.mkdir()
    return path


if __name__ == "__main__":
    main()
