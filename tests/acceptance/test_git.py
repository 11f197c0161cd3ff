"""Git for real: back up, destroy, restore, compare; and what must not pass for a backup."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.kubelet import World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.git import GitServer
from tests.acceptance.servers.process import clean_environment
from tests.acceptance.servers.ssh import SshServer

pytestmark = pytest.mark.acceptance

HOST = "git.example"
PASSWORD = "p'a\"s$s`w\\o#r d😀%@:/"  # noqa: S105 - of a server that lives for one test
BRANCHES = ("main", "feat/ü-😀", "it's-$(x)`y`", 'quo"ted', "-dash")
COMMIT = """tree {tree}
author A <a@example.invalid> 1 +0000
committer A<a@example.invalid> 1 +0000

written by an old client
"""


class Server(GitServer):
    """A server that can stop in the middle of an answer."""

    cut = False

    def backend(self, request: object) -> bytes:
        """Return half of a long answer, if told so."""
        found = super().backend(request)  # type: ignore[arg-type]  # what the handler gives
        if self.cut and len(found) > 10_000:
            return found[: len(found) // 2]
        return found

    def inside(self, name: str, *arguments: str, text: str = "") -> str:
        """Run git in a repository of the server, on the server."""
        who = {
            f"GIT_{role}_{what}": f"x{end}"
            for role in ("AUTHOR", "COMMITTER")
            for what, end in (("NAME", ""), ("EMAIL", "@example.invalid"))
        }
        done = subprocess.run(
            ["git", "--git-dir", self.root / f"{name}.git", *arguments],
            capture_output=True,
            text=True,
            check=True,
            input=text,
            env=clean_environment(who),
        )
        return done.stdout.strip()

    def commit(self, name: str, branch: str, files: dict[str, str], *parents: str) -> str:
        """Make a commit of some files the tip of a branch."""
        blobs = {
            path: self.inside(name, "hash-object", "-w", "--stdin", text=text)
            for path, text in files.items()
        }
        listing = "".join(f"100644 blob {blob}\t{path}\n" for path, blob in blobs.items())
        tree = self.inside(name, "mktree", text=listing)
        more = [word for parent in parents for word in ("-p", parent)]
        made = self.inside(name, "commit-tree", tree, "-m", f"on {branch}", *more)
        self.inside(name, "update-ref", f"refs/heads/{branch}", made)
        return made

    def fill(self, name: str) -> None:
        """Make branches, tags, notes, refs of a forge, and objects of an old client."""
        self.create(name)
        first = self.commit(name, "main", {"README": f"{name}\n", "big": "x1y2z3\n" * 5_000})
        for number, branch in enumerate(BRANCHES):
            body = {f"n {number} 'q' é": str(number) * 100}
            self.commit(name, branch, body, first)
        self.inside(name, "tag", "-a", "-m", "a tag", "v1", first)
        self.inside(name, "tag", "light", first)
        self.inside(name, "notes", "add", "-m", "a note", first)
        self.inside(name, "update-ref", "refs/pull/7/head", first)
        tree = self.inside(name, "rev-parse", f"{first}^{{tree}}")
        old = self.inside(
            name,
            *("hash-object", "-t", "commit", "-w", "--stdin", "--literally"),
            text=COMMIT.format(tree=tree),
        )
        self.inside(name, "update-ref", "refs/heads/old", old)

    def refs(self, name: str) -> str:
        """Return the refs of a repository that are no forge's own."""
        lines = self.inside(name, "for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        return "\n".join(line for line in lines if " refs/pull/" not in line)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(password=PASSWORD, tls=True, hosts=(HOST,)) as running:
        for name in ("team/fleet", "shop"):
            running.fill(name)
        yield running


def estate(
    directory: Path, server: Server, engine: str = "restic", *names: str, **more: object
) -> Estate:
    store = directory / "store"
    store.mkdir()
    world = World(
        claims={("shop", "backups"): store},
        hosts={HOST: "127.0.0.1"},
        images=machine_images("/usr/bin:/bin"),
    )
    account = {"username": server.account, "password": PASSWORD}
    assert server.ca is not None
    given = {
        "backup-key": {"password": "sesame 😀"},
        "git": account,
        "git-ca": {"ca.crt": server.ca.read_text()},
    }
    secrets(world, "shop", given)
    root = f"https://{HOST}:{server.port}"
    dataset: dict[str, object] = {
        "name": "code",
        "type": "git",
        "namespace": "shop",
        "repositories": [f"{root}/{name}.git" for name in names or ("team/fleet", "shop")],
        "credentials": {"secret": "git"},
        "caSecret": "git-ca",
        **more,
    }
    said = {key: value for key, value in dataset.items() if value is not None}
    return Estate(directory, estate_of(yaml.safe_dump([said]), engine), world)


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_what_was_deleted_comes_back(tmp_path: Path, server: Server, engine: str) -> None:
    here = estate(tmp_path, server, engine)
    outcome = here.job("shop--code--disk")
    assert outcome.succeeded, outcome.log
    assert len(points(tmp_path)) == 1
    before = {name: server.refs(name) for name in ("team/fleet", "shop")}
    assert before["shop"].count("\n") == 8

    occupied = here.restore("shop/code/disk")
    assert not occupied.succeeded
    assert "overwrite shop/code" in occupied.log
    assert {name: server.refs(name) for name in before} == before

    server.inside("shop", "update-ref", "-d", "refs/heads/feat/ü-😀")
    server.inside("shop", "update-ref", "-d", "refs/tags/v1")
    server.commit("shop", "main", {"README": "defaced"})
    server.commit("shop", "intruder", {"README": "not there before"})
    again = here.restore("shop/code/disk", {"confirm": "overwrite shop/code"})
    assert again.succeeded, again.log
    assert {name: server.refs(name) for name in before} == before
    assert server.inside("shop", "rev-parse", "refs/pull/7/head")
    assert server.inside("shop", "show", "main:n 0 'q' é") == "0" * 100
    assert PASSWORD not in outcome.log + again.log


def test_a_restore_beside_fills_empty_repositories(tmp_path: Path, server: Server) -> None:
    here = estate(tmp_path, server)
    assert here.job("shop--code--disk").succeeded
    for name in ("rescue/fleet", "rescue/shop"):
        server.create(name)
    target = f"https://{HOST}:{server.port}/rescue/"
    outcome = here.restore("shop/code/disk", {"target": target})
    assert outcome.succeeded, outcome.log
    assert server.refs("rescue/fleet") == server.refs("team/fleet")
    assert server.refs("rescue/shop") == server.refs("shop")
    assert "the default branch was one of" in outcome.log


def test_a_target_that_does_not_exist_stops_the_restore(tmp_path: Path, server: Server) -> None:
    here = estate(tmp_path, server, "restic", "shop")
    assert here.job("shop--code--disk").succeeded
    target = f"https://{HOST}:{server.port}/nowhere.git"
    outcome = here.restore("shop/code/disk", {"target": target})
    assert not outcome.succeeded
    assert "cannot be restored to" in outcome.log


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_wrong_password_fails_and_older_points_stay(
    tmp_path: Path, server: Server, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    assert here.job("shop--code--disk").succeeded
    before = points(tmp_path)
    here.world.secrets["shop", "git"]["password"] = b"wrong-secret"
    outcome = here.job("shop--code--disk")
    assert not outcome.succeeded
    assert "cannot be read" in outcome.log
    assert "wrong-secret" not in outcome.log
    assert points(tmp_path) == before


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_an_answer_that_is_cut_leaves_no_point(tmp_path: Path, server: Server, engine: str) -> None:
    server.inside("shop", "config", "core.compression", "0")
    noise = "".join(f"{number * 7919 % 104729}\n" for number in range(30_000))
    server.commit("shop", "main", {"noise": noise})
    here = estate(tmp_path, server, engine, "shop")
    assert here.job("shop--code--disk").succeeded
    before = points(tmp_path)
    server.cut = True
    outcome = here.job("shop--code--disk")
    assert not outcome.succeeded
    assert "cannot be mirrored" in outcome.log
    assert points(tmp_path) == before
    server.cut = False
    wanted = server.refs("shop")
    server.inside("shop", "update-ref", "-d", "refs/heads/main")
    again = here.restore("shop/code/disk", {"confirm": "overwrite shop/code"})
    assert again.succeeded, again.log
    assert server.refs("shop") == wanted


def test_a_damaged_repository_is_no_backup(tmp_path: Path, server: Server) -> None:
    here = estate(tmp_path, server, "restic", "shop")
    blob = server.inside("shop", "rev-parse", "main:n 0 'q' é")
    (server.root / "shop.git" / "objects" / blob[:2] / blob[2:]).unlink()
    outcome = here.job("shop--code--disk")
    assert not outcome.succeeded
    assert points(tmp_path) == []


def test_an_empty_repository_is_no_backup(tmp_path: Path, server: Server) -> None:
    server.create("empty")
    outcome = estate(tmp_path, server, "restic", "empty").job("shop--code--disk")
    assert not outcome.succeeded
    assert "is empty" in outcome.log
    assert points(tmp_path) == []


@pytest.mark.parametrize("lfs", ["refuse", "pointers"])
def test_files_outside_of_the_repository_are_not_forgotten_in_silence(
    tmp_path: Path, server: Server, lfs: str
) -> None:
    server.create("large")
    server.commit("large", "main", {".gitattributes": "*.bin filter=lfs diff=lfs -text\n"})
    here = estate(tmp_path, server, "restic", "large", lfs=lfs)
    outcome = here.job("shop--code--disk")
    assert outcome.succeeded == (lfs == "pointers"), outcome.log
    assert ("keeps files with Git LFS" in outcome.log) == (lfs == "refuse")
    assert len(points(tmp_path)) == (lfs == "pointers")


@pytest.fixture
def ssh() -> Iterator[SshServer]:
    with SshServer(HOST) as running:
        yield running


def over_ssh(directory: Path, server: Server, ssh: SshServer) -> Estate:
    address = f"ssh://root@{HOST}:{ssh.port}{server.root}/shop.git"
    by_key = {"sshKey": {"secret": "key"}, "credentials": None, "caSecret": None}
    here = estate(directory, server, repositories=[address], **by_key)
    # A Secret made from a literal often lacks the last line break.
    keys = {"ssh-privatekey": ssh.key.rstrip("\n"), "known_hosts": ssh.known_hosts}
    secrets(here.world, "shop", {"key": keys})
    return here


def test_what_was_deleted_comes_back_over_ssh(
    tmp_path: Path, server: Server, ssh: SshServer
) -> None:
    here = over_ssh(tmp_path, server, ssh)
    outcome = here.job("shop--code--disk")
    assert outcome.succeeded, outcome.log
    before = server.refs("shop")
    server.inside("shop", "update-ref", "-d", "refs/heads/main")
    again = here.restore("shop/code/disk", {"confirm": "overwrite shop/code"})
    assert again.succeeded, again.log
    assert server.refs("shop") == before


def test_a_host_with_another_key_is_not_talked_to(
    tmp_path: Path, server: Server, ssh: SshServer
) -> None:
    here = over_ssh(tmp_path, server, ssh)
    other = f"[{HOST}]:{ssh.port} {ssh.read('other.pub')}"
    here.world.secrets["shop", "key"]["known_hosts"] = other.encode()
    outcome = here.job("shop--code--disk")
    assert not outcome.succeeded
    assert "Host key verification failed" in outcome.log
    assert points(tmp_path) == []


def test_a_key_that_the_server_does_not_know_fails(
    tmp_path: Path, server: Server, ssh: SshServer
) -> None:
    here = over_ssh(tmp_path, server, ssh)
    here.world.secrets["shop", "key"]["ssh-privatekey"] = ssh.read("other").encode()
    outcome = here.job("shop--code--disk")
    assert not outcome.succeeded
    assert "Permission denied" in outcome.log
    assert points(tmp_path) == []
