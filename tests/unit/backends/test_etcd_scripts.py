"""The scripts of the etcd jobs, and those that a person runs, in several shells and sets of tools."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.shells import every

SCRIPTS = ROOT / "templates" / "etcd" / "scripts"
SHARED = ROOT / "templates" / "_shared" / "scripts"
SHELLS = ("dash", "bash", "busybox")
# What the image of restic has; on machines the tools of GNU are the usual ones.
APPLETS = (
    *(
        "basename",
        "cat",
        "chmod",
        "cut",
        "date",
        "dirname",
        "find",
        "grep",
        "head",
        "ls",
        "mkdir",
        "mv",
    ),
    *("od", "printf", "rm", "sed", "sha256sum", "sort", "tail", "tar", "tee", "tr", "uniq", "wc"),
)
HOSTILE = "b$(touch owned) `x` 'q' \"d\" é 😀 -n"


def snapshot(pages: int = 4) -> bytes:
    """Return what ends like a snapshot of etcd."""
    body = os.urandom(4096 * pages)
    return body + hashlib.sha256(body).digest()


@dataclass
class Bench:
    """A directory in which a shell runs method scripts as a job would."""

    home: Path
    command: list[str]
    path: str

    def run(
        self, script: str, *words: str, data: bytes = b"", **values: str
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {
            "PATH": self.path,
            "SCRIPTS": str(SCRIPTS),
            "SCRATCH": str(self.home / "scratch"),
            "SNAPSHOT": str(self.home / "work" / "snapshot.db"),
            "TRIAL": str(self.home / "work" / "trial"),
            "RELEASE": "3.5.24",
            "NODE": str(self.home / "node"),
            "DIRECTORIES": "etc/kubernetes",
            "TARGET": str(self.home / HOSTILE),
            "RESTORER": "no-such-program",
            "POINT": "20261124T100000Z-abcdef",
            **values,
        }
        return subprocess.run(
            [*self.command, str(SCRIPTS / script), *words],
            input=data,
            env=environment,
            cwd=self.home,
            capture_output=True,
            check=False,
            timeout=30,
        )

    def state(self, data: bytes) -> None:
        trial = self.home / "work" / "trial" / "member" / "snap"
        trial.mkdir(parents=True)
        (trial / "db").write_text("restored")
        (self.home / "work" / "snapshot.db").write_bytes(data)

    def node(self) -> Path:
        root = self.home / "node" / "etc" / "kubernetes"
        for name in ("pki/ca.crt", "pki/ca.key", "pki/sa.key", "pki/sa.pub", "pki/etcd/ca.key"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"{name}\n")
        (root / "pki" / HOSTILE).write_text("hostile\n")
        (root / "manifests").mkdir()
        (root / "manifests" / "kube-apiserver.yaml").write_text("    - kube-apiserver\n")
        return root


@pytest.fixture(params=every(SHELLS))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    shell = shutil.which(request.param)
    if shell is None:
        pytest.skip(f"needs {request.param}: the scripts in one more shell")
    command, path = [shell], "/usr/bin:/bin"
    if request.param == "bash":
        command = [shell, "--posix"]
    if request.param == "busybox":
        command = [shell, "sh"]
        tools = tmp_path / "tools"
        tools.mkdir()
        for name in APPLETS:
            (tools / name).symlink_to(shell)
        path = str(tools)
    (tmp_path / "scratch").mkdir()
    (tmp_path / "work").mkdir()
    yield Bench(tmp_path, command, path)
    assert not (tmp_path / "owned").exists()


def test_a_whole_snapshot_is_stored_as_it_is(bench: Bench) -> None:
    data = snapshot()
    bench.state(data)
    checked = bench.run("snapshot.sh", "check")
    assert checked.returncode == 0, checked.stderr
    assert b"etcd 3.5.24" in checked.stdout
    assert not (bench.home / "work" / "trial").exists()
    assert bench.run("snapshot.sh", "parts").stdout == b"snapshot\n"
    assert bench.run("snapshot.sh", "capture", "snapshot").stdout == data
    assert bench.run("snapshot.sh", "verify", "snapshot", data=data).returncode == 0
    assert sorted(path.name for path in (bench.home / "work").iterdir()) == ["snapshot.db"]


@pytest.mark.parametrize("word", ["check", "verify"])
@pytest.mark.parametrize("damage", ["flip", "cut", "page", "no-trailer", "empty"])
def test_what_is_not_whole_is_seen(bench: Bench, word: str, damage: str) -> None:
    data = snapshot()
    broken = {
        "flip": data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
        "cut": data[:-100],
        "page": data[:-4096],
        "no-trailer": data[:-32],
        "empty": b"",
    }[damage]
    bench.state(broken)
    words = [word] if word == "check" else [word, "snapshot"]
    result = bench.run("snapshot.sh", *words, data=broken)
    assert result.returncode != 0
    assert b"snapshot" in result.stderr


def test_a_snapshot_that_nobody_tried_out_is_not_stored(bench: Bench) -> None:
    bench.state(snapshot())
    shutil.rmtree(bench.home / "work" / "trial")
    assert b"nobody has tried" in bench.run("snapshot.sh", "check").stderr


@pytest.mark.parametrize("script", ["snapshot.sh", "bundle.sh"])
@pytest.mark.parametrize("word", ["guard", "clear", "restore", "finish", "rm -rf /"])
def test_a_backup_script_restores_nothing(bench: Bench, script: str, word: str) -> None:
    result = bench.run(script, word, "snapshot")
    assert result.returncode != 0
    assert b"fetch.sh" in result.stderr


def captured(bench: Bench) -> tuple[bytes, bytes]:
    digests = bench.run("bundle.sh", "capture", "digests")
    bundle = bench.run("bundle.sh", "capture", "bundle")
    assert digests.returncode == bundle.returncode == 0, digests.stderr + bundle.stderr
    return digests.stdout, bundle.stdout


def test_the_files_of_a_node_come_back_with_any_name(bench: Bench) -> None:
    root = bench.node()
    assert bench.run("bundle.sh", "check").returncode == 0
    assert bench.run("bundle.sh", "parts").stdout == b"digests\nbundle\n"
    digests, bundle = captured(bench)
    assert bench.run("bundle.sh", "verify", "digests", data=digests).returncode == 0
    verified = bench.run("bundle.sh", "verify", "bundle", data=bundle)
    assert verified.returncode == 0, verified.stderr

    for part, data in (("digests", digests), ("bundle", bundle)):
        back = bench.run("returned.sh", "restore", part, data=data)
        assert back.returncode == 0, back.stderr
    fetched = bench.home / HOSTILE / "etc" / "kubernetes"
    for path in root.rglob("*"):
        if path.is_file():
            assert (fetched / path.relative_to(root)).read_bytes() == path.read_bytes()


def test_an_archive_that_differs_from_its_digests_is_refused(bench: Bench) -> None:
    root = bench.node()
    digests, _ = captured(bench)
    (root / "pki" / "sa.key").write_text("renewed meanwhile\n")
    _, bundle = captured(bench)
    assert bench.run("bundle.sh", "verify", "digests", data=digests).returncode == 0
    result = bench.run("bundle.sh", "verify", "bundle", data=bundle)
    assert result.returncode != 0
    assert b"sa.key" in result.stderr


@pytest.mark.parametrize("kept", [0, 512, 1024, 4000])
def test_an_archive_that_ends_too_early_is_refused(bench: Bench, kept: int) -> None:
    bench.node()
    digests, bundle = captured(bench)
    bench.run("bundle.sh", "verify", "digests", data=digests)
    assert bench.run("bundle.sh", "verify", "bundle", data=bundle[:kept]).returncode != 0


def test_a_list_without_keys_is_refused(bench: Bench) -> None:
    assert bench.run("bundle.sh", "verify", "digests", data=b"").returncode != 0


@pytest.mark.parametrize("name", ["pki/sa.key", "pki/ca.crt", "manifests/kube-apiserver.yaml"])
def test_a_node_without_what_matters_fails(bench: Bench, name: str) -> None:
    (bench.node() / name).unlink()
    result = bench.run("bundle.sh", "check")
    assert result.returncode != 0
    assert name.encode() in result.stderr


def test_an_authority_that_is_kept_elsewhere_is_named(bench: Bench) -> None:
    (bench.node() / "pki" / "ca.key").unlink()
    result = bench.run("bundle.sh", "check")
    assert result.returncode == 0
    assert b"whoever holds that authority" in result.stderr


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_the_encryption_configuration_must_be_among_the_files(bench: Bench, quote: str) -> None:
    root = bench.node()
    flag = f"--encryption-provider-config={quote}/etc/kubernetes/enc/config.yaml{quote}"
    text = f"    - {flag}\n    - --encryption-provider-config-automatic-reload=true\n"
    if quote:
        text = f"    - {quote}--encryption-provider-config=/etc/kubernetes/enc/config.yaml{quote}\n"
    (root / "manifests" / "kube-apiserver.yaml").write_text(text)
    result = bench.run("bundle.sh", "check")
    assert result.returncode != 0
    assert b"bundle.directories" in result.stderr
    (root / "enc").mkdir()
    (root / "enc" / "config.yaml").write_text("keys")
    result = bench.run("bundle.sh", "check")
    assert result.returncode == 0, result.stderr
    assert b"encryption configuration included" in result.stdout


def test_a_line_break_in_a_name_fails_loudly(bench: Bench) -> None:
    (bench.node() / "pki" / "a\nb").write_text("x")
    assert b"line break" in bench.run("bundle.sh", "check").stderr


def test_only_an_empty_place_is_taken(bench: Bench) -> None:
    target = bench.home / HOSTILE
    assert bench.run("returned.sh", "guard").returncode == 0
    target.mkdir()
    assert bench.run("returned.sh", "guard").returncode == 0
    (target / ".hidden").touch()
    result = bench.run("returned.sh", "guard")
    assert result.returncode not in (0, 3)
    assert b"not empty" in result.stderr
    assert bench.run("returned.sh", "guard", TARGET="relative").returncode not in (0, 3)
    assert bench.run("returned.sh", "guard", TARGET="/dev/null").returncode not in (0, 3)


def record(bench: Bench, begun: int) -> None:
    text = f'{{\n  "schema": "bpc.point/v1",\n  "begun": {begun},\n  "ended": 5,\n'
    (bench.home / "scratch" / "record").write_text(text)


@pytest.mark.parametrize(
    ("days", "bump"),
    [(0, 10**9), (7, 10**9), (14, 1_995_840_000), (30, 4_276_800_000), (90, 12_830_400_000)],
)
def test_the_bump_grows_with_the_age_of_the_snapshot(bench: Bench, days: int, bump: int) -> None:
    now = int(subprocess.run(["date", "+%s"], capture_output=True, check=True).stdout)
    record(bench, now - days * 86_400)
    data = snapshot()
    assert bench.run("returned.sh", "restore", "snapshot", data=data).returncode == 0
    result = bench.run("returned.sh", "finish")
    assert result.returncode == 0, result.stderr
    assert b"NOT TRIED OUT" in result.stderr
    target = bench.home / HOSTILE
    found = int((target / "bump").read_text())
    assert bump <= found <= bump + 60 * 1650
    assert (target / "token").read_text().startswith("bpc-20261124T100000Z-abcdef-")
    digest = hashlib.sha256(data).hexdigest()
    assert (target / "snapshot.db.sha256").read_text() == f"{digest}  snapshot.db\n"


def test_a_clock_that_is_behind_does_not_lower_the_bump(bench: Bench) -> None:
    record(bench, 2**33)
    bench.run("returned.sh", "restore", "snapshot", data=snapshot())
    assert bench.run("returned.sh", "finish").returncode == 0
    assert (bench.home / HOSTILE / "bump").read_text() == "1000000000\n"


def test_a_damaged_snapshot_never_gets_its_name(bench: Bench) -> None:
    data = snapshot()
    result = bench.run("returned.sh", "restore", "snapshot", data=data[:-4096])
    assert result.returncode != 0
    assert not (bench.home / HOSTILE / "snapshot.db").exists()


def test_a_failed_trial_fails_the_fetch(bench: Bench) -> None:
    record(bench, 0)
    program = bench.home / "etcdutl"
    program.write_text("#!/bin/sh\necho 'expected sha256 [1], got [2]' >&2\nexit 1\n")
    program.chmod(0o755)
    bench.run("returned.sh", "restore", "snapshot", data=snapshot())
    result = bench.run("returned.sh", "finish", RESTORER=str(program))
    assert result.returncode != 0
    assert b"expected sha256" in result.stderr


def placed(bench: Bench) -> Path:
    """Put the scripts where a person finds them, with settings that only print what they were given."""
    place = bench.home / "restore here"
    place.mkdir()
    shutil.copy(SCRIPTS / "fetch.sh", place)
    (place / "restore.sh").write_text(
        'printf "%s|%s|%s\\n" "$ENCRYPTION_FILE" "$STORE" "$TARGET"\n'
    )
    (place / "snapshot--s3.env").write_text(
        "ENCRYPTION_FILE=\"$KEYS\"/backup-key/password\nSTORE='a b'\n"
    )
    return place


def test_fetching_takes_the_settings_of_the_place_that_was_named(bench: Bench) -> None:
    place = placed(bench)
    keys = bench.home / f"k {HOSTILE}"
    keys.mkdir()
    environment = {"PATH": bench.path, "KEYS": str(keys), "TARGET": HOSTILE}
    command = [*bench.command, str(place / "fetch.sh"), "snapshot", "s3"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert result.stdout == f"{keys}/backup-key/password|a b|{HOSTILE}\n"


@pytest.mark.parametrize(
    ("words", "values", "said"),
    [
        (("snapshot", "far"), {}, "snapshot s3"),
        (("bundle", "s3"), {}, "there is no bundle at s3"),
        (("snapshot", "s3"), {"KEYS": "/nowhere"}, "KEYS names no directory"),
        (("snapshot", "s3"), {"TARGET": ""}, "TARGET is empty"),
        (("snapshot", "s3"), {"KEYS": ""}, "KEYS"),
    ],
)
def test_fetching_says_what_is_missing(
    bench: Bench, words: tuple[str, ...], values: dict[str, str], said: str
) -> None:
    place = placed(bench)
    environment = {"PATH": bench.path, "KEYS": str(bench.home), "TARGET": "/t"} | values
    command = [*bench.command, str(place / "fetch.sh"), *words]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert said in result.stderr


def test_scripts_are_clean() -> None:
    checker = Path(sys.executable).with_name("shellcheck")
    files = sorted(map(str, SCRIPTS.glob("*.sh")))
    result = subprocess.run(
        [str(checker), "--external-sources", "--shell", "sh", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
