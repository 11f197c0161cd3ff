"""The mirror's script in several shells: git itself, with a directory in the place of the servers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.shells import SHELLS, every
from tests.unit.backends.method_shell import MethodShell

SCRIPT = "git/scripts/mirror.sh"
ADDRESS = "https://git.example/team/fleet.git"
PART = "repository-0123456789abcdef"
SECOND = "repository-fedcba9876543210"
OTHER = "https://git.example/shop.git"
PASSWORD = "p'a\"s$s`w\\o#r d😀"  # noqa: S105 - of nothing
REFS = ("refs/heads/main", "refs/heads/ü-😀", "refs/heads/it's-$(x)`y`", 'refs/tags/quo"ted')
# Addresses become directories, and every word that git is started with is written down.
GIT = """#!/bin/bash
printf '%s\\n' "$@" >>HOME/words
words=()
for word in "$@"; do
  if [[ $word == https://git.example/* ]]; then
    word=HOME/server/${word#https://git.example/}
    export GIT_ALLOW_PROTOCOL=file
  fi
  words+=("$word")
done
exec GIT "${words[@]}"
"""


def git(*words: object, given: str = "") -> str:
    who = {
        f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", *map(str, words)],
        capture_output=True,
        check=True,
        text=True,
        input=given,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", **who},
    )
    return done.stdout.strip()


def repository(place: Path, *, refs: tuple[str, ...] = REFS, files: tuple[str, ...] = ()) -> Path:
    git("init", "--quiet", "--bare", "--initial-branch=main", place)
    blob = git("--git-dir", place, "hash-object", "-w", "--stdin", given="filter=lfs\n")
    listing = "".join(f"100644 blob {blob}\t{name}\n" for name in files)
    tree = git("--git-dir", place, "mktree", given=listing)
    for number, ref in enumerate(refs):
        made = git("--git-dir", place, "commit-tree", tree, "-m", f"commit {number}")
        git("--git-dir", place, "update-ref", ref, made)
    return place


def refs_of(place: Path) -> list[str]:
    return git("--git-dir", place, "for-each-ref", "--format=%(objectname) %(refname)").splitlines()


@pytest.fixture(params=every(SHELLS))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> MethodShell:
    (tmp_path / "server" / "team").mkdir(parents=True)
    stub = GIT.replace("HOME", str(tmp_path)).replace('GIT "', f'{shutil.which("git")} "')
    environment = {
        "REPOSITORIES": f"{PART} {ADDRESS} fleet.git",
        "LFS": "refuse",
        "CA_FILE": "",
    }
    return MethodShell(request.param, SCRIPT, tmp_path, environment, {"git": stub})


@pytest.fixture
def server(shell: MethodShell) -> Path:
    return repository(shell.home / "server" / "team" / "fleet.git")


def test_the_check_names_git_and_reaches_each_repository(shell: MethodShell, server: Path) -> None:
    assert shell.lines("check")[0].startswith("git 2.")
    shutil.rmtree(server)
    done = shell.run("check")
    assert done.returncode == 1
    assert f"{ADDRESS} cannot be read".encode() in done.stderr


def test_there_is_a_part_for_each_repository(shell: MethodShell) -> None:
    both = f"{PART} {ADDRESS} fleet.git\n{SECOND} {OTHER} shop.git"
    assert shell.lines("parts", REPOSITORIES=both) == [PART, SECOND]


def test_a_bundle_holds_every_ref_and_comes_back(shell: MethodShell, server: Path) -> None:
    whole = shell.capture(PART)
    before = refs_of(server)
    assert len(before) == len(REFS)
    shutil.rmtree(server)
    git("init", "--quiet", "--bare", server)
    shell.want({PART: whole})
    assert shell.run("guard").returncode == 0
    done = shell.run("restore", PART, given=whole)
    assert done.returncode == 0, done.stderr.decode()
    done = shell.run("finish")
    assert done.returncode == 0, done.stderr.decode()
    assert f"{len(REFS)} refs".encode() in done.stderr
    assert refs_of(server) == before
    assert b"main" in shell.run("restore", PART, given=whole).stderr


def test_a_repository_that_names_objects_by_sha256_comes_back_too(shell: MethodShell) -> None:
    server = shell.home / "server" / "team" / "fleet.git"
    git("init", "--quiet", "--bare", "--object-format=sha256", server)
    tree = git("--git-dir", server, "mktree")
    made = git("--git-dir", server, "commit-tree", tree, "-m", "x")
    git("--git-dir", server, "update-ref", "refs/heads/main", made)
    whole = shell.capture(PART)
    before = refs_of(server)
    git("--git-dir", server, "update-ref", "-d", "refs/heads/main")
    shell.want({PART: whole})
    assert shell.run("restore", PART, given=whole).returncode == 0
    assert refs_of(server) == before


@pytest.mark.usefixtures("server")
def test_a_target_with_refs_is_told(shell: MethodShell) -> None:
    whole = shell.capture(PART)
    shell.want({PART: whole})
    done = shell.run("guard")
    assert done.returncode == 3
    assert f"{ADDRESS} has {len(REFS)} refs".encode() in done.stderr


def test_refs_of_the_forge_are_kept_but_not_pushed(shell: MethodShell, server: Path) -> None:
    head = git("--git-dir", server, "rev-parse", "refs/heads/main")
    git("--git-dir", server, "update-ref", "refs/pull/7/head", head)
    whole = shell.capture(PART)
    assert b"refs/pull/7/head" in whole
    git("--git-dir", server, "update-ref", "refs/pull/8/head", head)
    git("--git-dir", server, "update-ref", "-d", "refs/pull/7/head")
    git("--git-dir", server, "update-ref", "refs/heads/younger", head)
    shell.want({PART: whole})
    done = shell.run("restore", PART, given=whole)
    assert done.returncode == 0, done.stderr.decode()
    assert shell.run("finish").returncode == 0
    names = [line.split(" ")[1] for line in refs_of(server)]
    assert sorted(names) == sorted((*REFS, "refs/pull/8/head"))


def test_several_repositories_go_below_the_target(shell: MethodShell, server: Path) -> None:
    second = repository(shell.home / "server" / "shop.git", refs=("refs/heads/only",))
    shell.environment["REPOSITORIES"] = f"{PART} {ADDRESS} fleet.git\n{SECOND} {OTHER} shop.git"
    parts = {part: shell.capture(part) for part in (PART, SECOND)}
    for name in ("fleet", "shop"):
        git("init", "--quiet", "--bare", shell.home / "server" / "new" / f"{name}.git")
    target = "https://git.example/new/"
    shell.want(parts)
    assert shell.run("guard", TARGET=target).returncode == 0
    for part, data in parts.items():
        assert shell.run("restore", part, given=data, TARGET=target).returncode == 0
    assert shell.run("finish", TARGET=target).returncode == 0
    assert refs_of(shell.home / "server" / "new" / "fleet.git") == refs_of(server)
    assert refs_of(shell.home / "server" / "new" / "shop.git") == refs_of(second)


@pytest.mark.parametrize(
    "target",
    [
        *("http://git.example/x", "/etc", "--upload-pack=x", "ext::sh -c x", "git.example:x"),
        *("https://me:secret@git.example/x", "https://git.example/x y", "ssh://"),
    ],
)
@pytest.mark.usefixtures("server")
def test_a_target_that_is_no_address_is_refused(shell: MethodShell, target: str) -> None:
    shell.want({PART: b""})
    done = shell.run("guard", TARGET=target)
    assert done.returncode == 1
    assert b"TARGET" in done.stderr


@pytest.mark.parametrize("cut", [0.0, 0.02, 0.5, 0.99])
@pytest.mark.usefixtures("server")
def test_a_bundle_that_is_cut_is_not_verified(shell: MethodShell, cut: float) -> None:
    whole = shell.capture(PART)
    assert shell.run("verify", PART, given=whole[: int(len(whole) * cut)]).returncode != 0


@pytest.mark.usefixtures("server")
def test_a_bundle_with_a_byte_changed_is_not_verified(shell: MethodShell) -> None:
    whole = bytearray(shell.capture(PART))
    whole[len(whole) * 2 // 3] ^= 1
    assert shell.run("verify", PART, given=bytes(whole)).returncode != 0


def test_a_bundle_that_lacks_a_ref_is_not_verified(shell: MethodShell, server: Path) -> None:
    shell.capture(PART)
    less = subprocess.run(
        ["git", "--git-dir", server, "bundle", "create", "-", "refs/heads/main"],
        capture_output=True,
        check=True,
    )
    done = shell.run("verify", PART, given=less.stdout)
    assert done.returncode == 1
    assert b"does not hold all refs" in done.stderr


def test_a_replaced_object_does_not_hide_the_real_one(shell: MethodShell, server: Path) -> None:
    real = git("--git-dir", server, "rev-parse", "refs/heads/main")
    fake = git("--git-dir", server, "rev-parse", "refs/heads/ü-😀")
    git("--git-dir", server, "update-ref", f"refs/replace/{real}", fake)
    whole = shell.capture(PART)
    shutil.rmtree(server)
    git("init", "--quiet", "--bare", server)
    shell.want({PART: whole})
    assert shell.run("restore", PART, given=whole).returncode == 0
    text = git("--git-dir", server, "--no-replace-objects", "log", "-1", "--format=%s", real)
    assert text == "commit 0"


def test_a_shallow_repository_is_refused(shell: MethodShell, server: Path) -> None:
    head = git("--git-dir", server, "rev-parse", "refs/heads/main")
    tree = git("--git-dir", server, "rev-parse", f"{head}^{{tree}}")
    second = git("--git-dir", server, "commit-tree", tree, "-p", head, "-m", "second")
    git("--git-dir", server, "update-ref", "refs/heads/main", second)
    (server / "shallow").write_text(f"{second}\n", encoding="utf-8")
    done = shell.run("capture", PART)
    assert done.returncode != 0


@pytest.mark.parametrize("file", [".gitattributes", "nested"])
def test_files_kept_with_lfs_stop_the_backup_unless_the_policy_says_so(
    shell: MethodShell, file: str
) -> None:
    server = shell.home / "server" / "team" / "fleet.git"
    repository(server, files=(".gitattributes",))
    if file == "nested":
        tree = git("--git-dir", server, "rev-parse", "refs/heads/main^{tree}")
        outer = git("--git-dir", server, "mktree", given=f"040000 tree {tree}\tdeep\n")
        made = git("--git-dir", server, "commit-tree", outer, "-m", "x")
        for ref in REFS:
            git("--git-dir", server, "update-ref", ref, made)
    done = shell.run("capture", PART)
    assert done.returncode == 1
    assert b"keeps files with Git LFS" in done.stderr
    assert shell.run("capture", PART, LFS="pointers").returncode == 0


@pytest.mark.usefixtures("server")
def test_a_part_that_the_policy_no_longer_names_is_told(shell: MethodShell) -> None:
    shell.want({SECOND: b""})
    done = shell.run("guard")
    assert done.returncode == 1
    assert b"the policy does not name" in done.stderr


@pytest.mark.usefixtures("server")
def test_the_account_is_given_to_its_own_host_only(shell: MethodShell) -> None:
    shell.lines("check")
    account = shell.home / "account"
    account.mkdir()
    (account / "username").write_text("flux", encoding="utf-8")
    (account / "password").write_text(PASSWORD, encoding="utf-8")

    def ask(prompt: str) -> str | None:
        done = subprocess.run(
            [shell.scratch / "askpass", prompt],
            capture_output=True,
            check=False,
            text=True,
            env={"PATH": os.environ["PATH"], "ACCOUNT": str(account), "ACCOUNT_HOST": "h.example"},
        )
        return None if done.returncode else done.stdout

    assert ask("Username for 'https://h.example': ") == "flux"
    assert ask("Password for 'https://a@b@h.example': ") == PASSWORD
    assert ask("Username for 'https://evil.example': ") is None
    assert ask("Password for 'https://flux@evil.example': ") is None
    assert ask("Username for 'http://h.example': ") is None
    assert ask("Password for 'https://flux@h.example.evil.example': ") is None
    assert ask("Password for 'https://flux@evil.example/@h.example/': ") is None
    assert (shell.scratch / "askpass").stat().st_mode & 0o77 == 0


@pytest.mark.usefixtures("server")
def test_no_word_of_git_is_an_account(shell: MethodShell) -> None:
    shell.capture(PART)
    words = (shell.home / "words").read_text(encoding="utf-8")
    assert "@" not in words
    assert "--mirror" in words
