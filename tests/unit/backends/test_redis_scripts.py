"""The script of Redis, run in several shells against programs that write down how they are called."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.shells import SHELLS, every
from tests.unit.backends import redis_stand_ins
from tests.unit.backends.method_shell import MethodShell

SCRIPTS = ROOT / "templates" / "redis" / "scripts"
HOSTILE = "-p'a\"s$(x)`y` #r😀\\"
INFO = {
    "redis_version": "7.0.15",
    "loading": "0",
    "role": "master",
    "cluster_enabled": "0",
    "used_memory_dataset": "1000",
    "number_of_libraries": "0",
}


class Redis:
    """The script with its files and stand-ins; what the servers answer can be set."""

    def __init__(self, shell: str, home: Path) -> None:
        self.home = home
        self.files = home / "credentials"
        (self.files / "database").mkdir(parents=True)
        self.state = home / "state"
        self.state.mkdir()
        script = home / "dump.sh"
        for path in SCRIPTS.iterdir():
            text = path.read_text(encoding="utf-8").replace("/credentials/", f"{self.files}/")
            (home / path.name).write_text(text, encoding="utf-8")
        stub = (
            f'#!/bin/sh\nexec {sys.executable} {redis_stand_ins.__file__} "$(basename "$0")" "$@"\n'
        )
        self.method = MethodShell(
            shell,
            str(script),
            home,
            {
                "HOST": "cache",
                "PORT": "6380",
                "TLS": "verify",
                "MEMORY": "1000000",
                "CA_FILE": "/ca.crt",
                "ENGINE": "restic",
                "STATE": str(self.state),
            },
            dict.fromkeys(redis_stand_ins.PROGRAMS, stub),
        )
        self.answers: dict[str, str] = {}
        self.account("backup", HOSTILE)
        self.info()

    def account(self, name: str, password: str) -> None:
        """Set the account."""
        (self.files / "database" / "username").write_text(name, encoding="utf-8")
        (self.files / "database" / "password").write_text(password, encoding="utf-8")

    def info(self, server: str = "cache", **fields: str) -> None:
        """Set what a server tells about itself."""
        lines = [f"{name}:{value}" for name, value in {**INFO, **fields}.items()]
        self.answer(**{f"{server} INFO": "# Server\r\n" + "\r\n".join(lines) + "\r"})

    def answer(self, **answers: str) -> None:
        """Set what is answered."""
        self.answers |= answers
        (self.state / "answers.json").write_text(json.dumps(self.answers), encoding="utf-8")

    def run(self, *words: str, given: bytes = b"", **values: str) -> tuple[int, str, str]:
        """Run a word of the script; return its code, output and errors."""
        done = self.method.run(*words, given=given, **values)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def calls(self) -> list[dict[str, Any]]:
        """Return what `redis-cli` was asked so far."""
        path = self.state / "calls.json"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(params=every(SHELLS))
def redis(request: pytest.FixtureRequest, tmp_path: Path) -> Redis:
    return Redis(request.param, tmp_path)


def test_check_names_the_tools_and_the_server(redis: Redis) -> None:
    code, out, _ = redis.run("check")
    assert code == 0
    assert out.splitlines()[-1] == "server 7.0.15"


def test_the_password_is_in_the_environment_only(redis: Redis) -> None:
    redis.run("check")
    call = redis.calls()[-1]
    assert call["secret"] == HOSTILE
    assert call["options"] == {
        "-h": "cache",
        "-p": "6380",
        "--tls": "",
        "--cacert": "/ca.crt",
        "--user": "backup",
    }


@pytest.mark.parametrize(
    ("tls", "expected"),
    [("disable", []), ("require", ["--tls", "--insecure"]), ("verify", ["--tls", "--cacert"])],
)
def test_each_way_to_protect_a_connection(redis: Redis, tls: str, expected: list[str]) -> None:
    redis.run("check", TLS=tls)
    options = redis.calls()[-1]["options"]
    assert [each for each in ("--tls", "--insecure", "--cacert") if each in options] == expected


def test_an_unknown_way_to_protect_a_connection_fails(redis: Redis) -> None:
    assert redis.run("check", TLS="maybe")[0] == 1


def test_hostile_names_of_accounts_arrive_as_they_are(redis: Redis) -> None:
    redis.account(HOSTILE, "x")
    redis.run("check")
    assert redis.calls()[-1]["options"]["--user"] == HOSTILE


def test_the_account_of_everybody_is_not_named(redis: Redis) -> None:
    redis.account("default", "x")
    redis.run("check")
    assert "--user" not in redis.calls()[-1]["options"]


def test_without_an_account_no_password_is_given(redis: Redis) -> None:
    shutil.rmtree(redis.files)
    assert redis.run("check", REDISCLI_AUTH="of somebody else")[0] == 0
    assert redis.calls()[-1]["secret"] is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"loading": "1"}, "still loading"),
        ({"cluster_enabled": "1"}, "node of a Redis Cluster"),
        ({"role": "slave", "master_link_status": "down"}, "lost its primary"),
    ],
)
def test_a_server_that_cannot_be_backed_up_is_refused(
    redis: Redis, wrong: dict[str, str], said: str
) -> None:
    redis.info(**wrong)
    code, _, errors = redis.run("check")
    assert code == 1
    assert said in errors


def test_a_refused_password_fails_although_the_client_succeeds(redis: Redis) -> None:
    redis.answer(**{"cache PING": "NOAUTH Authentication required."})
    code, _, errors = redis.run("check")
    assert code == 1
    assert "answers: NOAUTH" in errors


def test_data_that_outgrew_the_restore_job_is_said(redis: Redis) -> None:
    code, _, errors = redis.run("check", MEMORY="999")
    assert code == 0
    assert "1000 bytes of memory" in errors


def test_a_module_that_the_restore_would_lack_is_found_before_it_is_needed(redis: Redis) -> None:
    redis.info(module="name=search,ver=80201,api=1")
    code, _, errors = redis.run("check")
    assert code == 1
    assert "has the module search, which the image of this job has not" in errors
    words = json.loads((redis.state / "server.json").read_text())
    assert "--loadmodule" not in words
    redis.answer(**{"own modules": "module:name=search,ver=80201,api=1\r\n"})
    assert redis.run("check")[0] == 0


def test_the_modules_of_the_image_are_loaded(redis: Redis) -> None:
    script = redis.home / "dump.sh"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("/usr/local/lib/redis/modules", str(redis.home / "modules")))
    (redis.home / "modules").mkdir()
    (redis.home / "modules" / "search.so").touch()
    assert redis.run("restore", "dump", given=b"RDB")[0] == 0
    words = json.loads((redis.state / "server.json").read_text())
    assert words[-2:] == ["--loadmodule", f"{redis.home}/modules/search.so"]


def test_a_whole_stream_is_a_part(redis: Redis) -> None:
    assert redis.run("parts")[1] == "dump\n"
    assert redis.method.capture("dump") == b"RDB"
    assert not (redis.method.scratch / "dump.rdb").exists()


def test_a_stream_that_breaks_off_fails(redis: Redis) -> None:
    redis.answer(**{"rdb code": "1"})
    code, out, errors = redis.run("capture", "dump")
    assert code == 1
    assert out == ""
    assert "broke off" in errors


def test_a_damaged_file_fails_and_no_key_is_printed(redis: Redis) -> None:
    code, out, errors = redis.run("verify", "dump", given=b"RD")
    assert code == 1
    assert "no whole RDB file" in errors
    assert "private" not in out + errors


def test_a_restore_goes_to_the_target_with_all_databases(redis: Redis) -> None:
    redis.method.want({"dump": b"RDB"})
    redis.info("other")
    assert redis.run("guard", TARGET="other")[0] == 0
    code, _, errors = redis.run("restore", "dump", given=b"RDB", TARGET="other")
    assert code == 0, errors
    words = json.loads((redis.state / "server.json").read_text())
    assert words[words.index("--appendonly") + 1] == "no"
    assert words[words.index("--port") + 1] == "0"
    assert {each["server"] for each in redis.calls()} == {"other", "own"}
    own = [each for each in redis.calls() if each["server"] == "own"]
    assert {each["secret"] for each in own} == {None}
    there = "2,expires=1,avg_ttl=5"
    redis.info("other", number_of_libraries="1", db0=f"keys=3,{there[2:]}")
    redis.answer(**{"other DEBUG DIGEST": "ERR not allowed"})
    code, _, errors = redis.run("finish", TARGET="other")
    assert code == 0, errors
    assert "database 0: 3 keys sent, 3 there, 1 of them expire" in errors
    redis.info("other", number_of_libraries="1", db0=f"keys={there}")
    assert redis.run("finish", TARGET="other")[0] == 1


def test_a_target_that_refuses_a_key_fails_the_restore(redis: Redis) -> None:
    redis.method.want({"dump": b"RDB"})
    redis.answer(**{"cache pipe": "errors: 1, replies: 4"})
    code, _, errors = redis.run("restore", "dump", given=b"RDB")
    assert code == 1
    assert "did not take all 3 keys of database 0" in errors


def test_a_target_with_too_few_databases_is_not_written_to(redis: Redis) -> None:
    redis.method.want({"dump": b"RDB"})
    redis.answer(**{"cache SELECT 0": "ERR DB index is out of range"})
    code, _, errors = redis.run("restore", "dump", given=b"RDB")
    assert code == 1
    assert "out of range" in errors
    assert not [each for each in redis.calls() if "--pipe" in each["options"]]


@pytest.mark.parametrize(
    "held", [{"db3": "keys=1,expires=0,avg_ttl=0"}, {"number_of_libraries": "2"}]
)
def test_a_target_that_holds_data_is_told_apart(redis: Redis, held: dict[str, str]) -> None:
    redis.info(**held)
    assert redis.run("guard")[0] == 3
    assert redis.run("clear")[0] == 0
    assert ["FLUSHALL"] in [each["command"] for each in redis.calls()]
    assert ["FUNCTION", "FLUSH"] in [each["command"] for each in redis.calls()]


@pytest.mark.parametrize(
    "wrong", [{"role": "slave"}, {"redis_version": "6.2.14"}, {"cluster_enabled": "1"}]
)
def test_a_target_that_cannot_take_the_keys_is_refused_before_it_is_cleared(
    redis: Redis, wrong: dict[str, str]
) -> None:
    redis.info(**wrong)
    assert redis.run("guard")[0] == 1
    assert redis.run("clear")[0] == 1
    assert ["FLUSHALL"] not in [each["command"] for each in redis.calls()]
