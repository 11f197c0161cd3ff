"""The script of MongoDB, run in several shells: its JavaScript in Node.js, its tools by stand-ins."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.conftest import ROOT
from tests.shells import SHELLS, every
from tests.unit.backends.method_shell import MethodShell
from tests.unit.backends.mongodb_archive import archive, block, bson

HERE = Path(__file__).parent
SCRIPTS = ROOT / "templates" / "mongodb" / "scripts"
HOSTILE = "-p'a\"s$(x)`y` #r: é😀\\ \x01\x7f%41/@?"
# It writes down its words and the file with the password, and then does what a file says.
TOOL = f"""#!{sys.executable}
import json, os, pathlib, stat, sys
state = pathlib.Path(os.environ["STATE"])
name = pathlib.Path(sys.argv[0]).name
if sys.argv[1:] == ["--version"]:
    print(name + " version: 100.9.4")
    sys.exit(0)
config = pathlib.Path([word for word in sys.argv if word.startswith("--config=")][0][9:])
mode = stat.S_IMODE(config.stat().st_mode)
taken = sys.stdin.buffer.read() if name == "mongorestore" else b""
note = ["tool", name, sys.argv[1:], config.read_text(encoding="utf-8"), mode, len(taken)]
with (state / "calls.json").open("a", encoding="utf-8") as lines:
    lines.write(json.dumps(note) + "\\n")
answer = json.loads((state / "tool.json").read_text(encoding="utf-8"))
sys.stdout.buffer.write(bytes.fromhex(answer["data"]))
sys.stderr.write(answer["said"])
sys.exit(answer["code"])
"""
RESTORED = "3 document(s) restored successfully. 0 document(s) failed to restore.\n"
DOCUMENTS = [bson({"_id": n, "text": f"näme {n}"}) for n in range(5)]
ORDERS = {("shop", "orders"): DOCUMENTS, ("shop", "empty"): []}
WITH_OPLOG = {**ORDERS, ("", "oplog"): [bson({"op": "i", "ns": "shop.orders"})]}
MEMBERS = ["a:1", "b:2", "c:3"]


class Mongodb:
    """The script with its files and stand-ins."""

    def __init__(self, shell: str, home: Path) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("needs node: it stands in for mongosh")
        self.files = home / "credentials"
        (self.files / "database").mkdir(parents=True)
        self.state = home / "state"
        self.state.mkdir()
        for path in SCRIPTS.iterdir():
            text = path.read_text(encoding="utf-8").replace("/credentials/", f"{self.files}/")
            (home / path.name).write_text(text, encoding="utf-8")
        stand_in = HERE / "mongosh_stand_in.js"
        self.method = MethodShell(
            shell,
            str(home / "dump.sh"),
            home,
            {
                "HOST": "a",
                "PORT": "1",
                "TLS": "disable",
                "CA_FILE": "",
                "ENGINE": "restic",
                "REPLICA_SET": "rs0",
                "STATE": str(self.state),
            },
            {
                "mongosh": f'#!/bin/sh\nexec {node} {stand_in} "$@"\n',
                "mongodump": TOOL,
                "mongorestore": TOOL,
            },
        )
        self.account("backup", HOSTILE)
        self.tool()
        self.members()

    def account(self, name: str, password: str) -> None:
        """Set the account."""
        (self.files / "database" / "username").write_text(name, encoding="utf-8")
        (self.files / "database" / "password").write_text(password, encoding="utf-8")

    def tool(self, data: bytes = b"", said: str = RESTORED, code: int = 0) -> None:
        """Set what MongoDB's tools do."""
        answer = {"data": data.hex(), "said": said, "code": code}
        (self.state / "tool.json").write_text(json.dumps(answer), encoding="utf-8")

    def servers(self, servers: dict[str, Any]) -> None:
        """Set what there is."""
        (self.state / "servers.json").write_text(json.dumps(servers), encoding="utf-8")

    def members(self, **behind: int) -> None:
        """Set up a replica set, whose members but the first are so many seconds behind, if not down."""
        self.servers(
            {
                name: {
                    "hello": {
                        "setName": "rs0",
                        "hosts": MEMBERS,
                        "primary": "a:1",
                        "me": name,
                        "isWritablePrimary": name == "a:1",
                        "secondary": name != "a:1",
                        "lastWrite": 1_000_000 - behind.get(name[0], 0),
                    }
                }
                for name in MEMBERS
                if behind.get(name[0], 0) >= 0
            }
        )

    def standalone(self, **more: Any) -> None:
        """Set up one server."""
        self.servers({"a:1": {"hello": {"isWritablePrimary": True}, **more}})

    def run(self, *words: str, given: bytes = b"", **values: str) -> tuple[int, bytes, str]:
        """Run a word of the script; return its code, output and errors."""
        done = self.method.run(*words, given=given, **values)
        return done.returncode, done.stdout, done.stderr.decode()

    def calls(self, kind: str) -> list[list[Any]]:
        """Return what was done so far."""
        path = self.state / "calls.json"
        every = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [each[1:] for each in every if each[0] == kind]


@pytest.fixture(params=every(SHELLS))
def mongodb(request: pytest.FixtureRequest, tmp_path: Path) -> Mongodb:
    return Mongodb(request.param, tmp_path)


@pytest.fixture
def one(tmp_path: Path) -> Mongodb:
    """Return it in one shell, for what the shell has no part in."""
    return Mongodb(SHELLS[0], tmp_path)


def test_check_names_the_tools_and_the_server(mongodb: Mongodb) -> None:
    code, out, errors = mongodb.run("check")
    assert code == 0, errors
    assert out == b"mongodump 100.9.4\nserver 7.0.1\n"


def test_all_is_read_from_one_secondary_with_the_oplog(mongodb: Mongodb) -> None:
    mongodb.tool(b"archive")
    assert mongodb.run("parts")[1] == b"dump-oplog\n"
    code, out, errors = mongodb.run("capture", "dump-oplog")
    assert code == 0, errors
    assert out == b"archive"
    [[name, words, config, mode, _]] = mongodb.calls("tool")
    assert name == "mongodump"
    assert mode == 0o600
    assert yaml.safe_load(config) == {"password": HOSTILE}
    assert set(words) - {f"--config={mongodb.method.scratch}/secret.yaml"} == {
        *("--archive", "--username=backup", "--authenticationDatabase=admin", "--host=b"),
        *("--port=2", "--readPreference=secondaryPreferred", "--oplog"),
    }


def test_the_password_is_in_no_command_line(mongodb: Mongodb) -> None:
    mongodb.account("backup", "opensesame")
    mongodb.run("capture", "dump-oplog")
    assert "sesame" not in json.dumps([each[1] for each in mongodb.calls("tool")])
    assert "sesame" not in json.dumps(mongodb.calls("mongosh"))


def test_names_and_passwords_reach_the_server_as_they_are(one: Mongodb) -> None:
    one.account(HOSTILE, HOSTILE)
    one.run("check")
    [address] = one.calls("connect")[0]
    account = urlsplit(address).netloc.rpartition("@")[0]
    assert [unquote(each) for each in account.split(":")] == [HOSTILE, HOSTILE]


def test_without_an_account_none_is_given(mongodb: Mongodb) -> None:
    shutil.rmtree(mongodb.files)
    assert mongodb.run("capture", "dump-oplog")[0] == 0
    [[_, words, config, _, _]] = mongodb.calls("tool")
    assert yaml.safe_load(config) == {}
    assert not [each for each in words if "username" in each]


@pytest.mark.parametrize(
    ("tls", "authority", "expected"),
    [
        ("disable", "", []),
        ("require", "", ["--tlsInsecure", "--ssl"]),
        ("verify", "", ["--ssl"]),
        ("verify", "/ca.crt", ["--sslCAFile=/ca.crt", "--ssl"]),
    ],
)
def test_each_way_to_protect_a_connection(
    one: Mongodb, tls: str, authority: str, expected: list[str]
) -> None:
    one.run("capture", "dump-oplog", TLS=tls, CA_FILE=authority)
    words = one.calls("tool")[0][1]
    assert [each for each in words if "ssl" in each or "tls" in each] == expected
    [address] = one.calls("connect")[0]
    assert ("tls=true" in address) == bool(expected)
    assert ("tlsCAFile=%2Fca.crt" in address) == bool(authority)
    assert ("tlsAllowInvalidCertificates" in address) == (tls == "require")


@pytest.mark.parametrize(
    ("behind", "chosen"),
    [
        ({}, "b"),
        ({"b": 100}, "b"),
        ({"b": 500}, "c"),
        ({"b": -1}, "c"),
        ({"b": -1, "c": 500}, "a"),
    ],
)
def test_a_member_that_is_up_to_date_is_chosen(
    one: Mongodb, behind: dict[str, int], chosen: str
) -> None:
    one.members(**behind)
    code, _, errors = one.run("capture", "dump-oplog")
    assert code == 0, errors
    assert f"--host={chosen}" in one.calls("tool")[0][1]


def test_a_secondary_that_is_named_is_the_one(one: Mongodb) -> None:
    assert one.run("capture", "dump-oplog", HOST="c", PORT="3")[0] == 0
    assert "--host=c" in one.calls("tool")[0][1]


@pytest.mark.parametrize(
    ("hello", "named", "said"),
    [
        ({"msg": "isdbgrid"}, "rs0", "router of a sharded cluster"),
        ({"setName": "rs0", "primary": "a:1"}, "rs1", "set replicaSet"),
        ({"setName": "rs0", "primary": "a:1"}, "", "set replicaSet"),
        ({"isWritablePrimary": True}, "rs0", "there is no oplog"),
    ],
)
def test_a_server_that_is_not_what_the_policy_says_is_refused(
    one: Mongodb, hello: dict[str, Any], named: str, said: str
) -> None:
    one.servers({"a:1": {"hello": hello}})
    code, _, errors = one.run("check", REPLICA_SET=named)
    assert code == 1
    assert said in errors


def test_a_standalone_server_has_no_oplog(mongodb: Mongodb) -> None:
    mongodb.standalone()
    assert mongodb.run("parts", REPLICA_SET="")[1] == b"dump\n"
    assert mongodb.run("capture", "dump", REPLICA_SET="")[0] == 0
    assert "--oplog" not in mongodb.calls("tool")[0][1]


def test_a_dump_that_breaks_off_fails(mongodb: Mongodb) -> None:
    mongodb.tool(b"arch", code=1)
    assert mongodb.run("capture", "dump-oplog")[0] == 1


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_whole_archive_stands_its_check(mongodb: Mongodb, engine: str) -> None:
    data = archive(WITH_OPLOG, views=["few"])
    stored = data if engine == "restic" else gzip.compress(data)
    code, _, errors = mongodb.run("verify", "dump-oplog", given=stored, ENGINE=engine)
    assert code == 0, errors
    assert "2 collections, 5 documents, 1 entries of the oplog" in errors
    for broken in (stored[:-9], stored[: len(stored) // 2], b""):
        assert mongodb.run("verify", "dump-oplog", given=broken, ENGINE=engine)[0] == 1


def test_what_was_changed_added_or_left_out_fails(one: Mongodb) -> None:
    data = archive(ORDERS)
    at = data.index(b"n\xc3\xa4me")
    wrong = {
        "a byte": data[:at] + b"N" + data[at + 1 :],
        "more": data + b"x",
        "after the end": data + block("shop", "orders", DOCUMENTS[:1]),
        "no end": data[: data.rindex(b"\x02db\0") - 4],
        "no magic": b"0000" + data[4:],
        "an endless document": data[:at] + data[at:].replace(b"\0\xff", b"\1\xff", 1),
        "no oplog": archive(ORDERS),
    }
    assert one.run("verify", "dump", given=data)[0] == 0
    for name, each in wrong.items():
        part = "dump-oplog" if name == "no oplog" else "dump"
        assert one.run("verify", part, given=each)[0] == 1, name
    assert one.run("verify", "dump", given=archive(WITH_OPLOG))[0] == 1


def test_a_large_archive_is_read_in_pieces(one: Mongodb) -> None:
    many = [bson({"_id": n, "text": "x" * 40_000}) for n in range(60)]
    data = archive({("shop", "big"): many})
    code, _, errors = one.run("verify", "dump", given=data)
    assert code == 0, errors
    assert "60 documents" in errors


def test_a_restore_replays_the_oplog_and_counts(mongodb: Mongodb) -> None:
    data = archive(WITH_OPLOG)
    code, _, errors = mongodb.run("restore", "dump-oplog", given=data)
    assert code == 0, errors
    [[name, words, _, _, taken]] = mongodb.calls("tool")
    assert name == "mongorestore"
    assert taken == len(data)
    assert {"--host=rs0/a:1", "--stopOnError", "--oplogReplay", "--archive"} <= set(words)
    shop = {"orders": [6, 2], "empty": [0, 2]}
    hello = {"isWritablePrimary": True}
    mongodb.servers({"a:1": {"hello": hello, "databases": {"shop": shop}}})
    code, _, errors = mongodb.run("finish")
    assert code == 0, errors
    assert "shop.orders: 6 of 5 documents, 2 of 2 indexes" in errors
    shop["orders"] = [2, 2]
    mongodb.servers({"a:1": {"hello": hello, "databases": {"shop": shop}}})
    assert mongodb.run("finish")[0] == 1


def test_a_restore_beside_goes_to_the_target(mongodb: Mongodb) -> None:
    mongodb.servers({"other:1": {"hello": {"isWritablePrimary": True}}})
    mongodb.method.environment |= {"TARGET": "other", "ENGINE": "object"}
    assert mongodb.run("guard")[0] == 0
    assert mongodb.run("restore", "dump", given=gzip.compress(archive(ORDERS)))[0] == 0
    words = mongodb.calls("tool")[0][1]
    assert {"--host=other:1", "--gzip"} <= set(words)
    assert "--oplogReplay" not in words


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": 1},
        {"said": "2 document(s) restored successfully. 1 document(s) failed to restore.\n"},
        {"said": ""},
    ],
    ids=["code", "documents", "silence"],
)
def test_documents_that_were_not_restored_fail_the_restore(
    mongodb: Mongodb, wrong: dict[str, Any]
) -> None:
    mongodb.tool(**wrong)
    assert mongodb.run("restore", "dump", given=archive(ORDERS))[0] == 1


def test_a_cut_archive_fails_the_restore_whatever_the_tool_says(mongodb: Mongodb) -> None:
    code, _, errors = mongodb.run("restore", "dump", given=archive(ORDERS)[:-9])
    assert code == 1
    assert "the archive is not whole" in errors


def test_a_target_with_data_is_told_apart_and_only_that_is_dropped(mongodb: Mongodb) -> None:
    mongodb.standalone(databases={"shop": {"orders": [1, 1]}, "näme'$(x)": {"a": [1, 1]}})
    code, _, errors = mongodb.run("guard")
    assert code == 3
    assert "1 collections in näme'$(x)" in errors
    assert mongodb.run("clear")[0] == 0
    assert mongodb.calls("drop") == [["shop"], ["näme'$(x)"]]


def test_a_database_that_cannot_be_dropped_stops_the_restore(one: Mongodb) -> None:
    one.standalone(databases={"shop": {"orders": [1, 1]}}, stuck=True)
    assert one.run("clear")[0] == 1


def test_a_target_that_cannot_be_reached_is_not_empty(one: Mongodb) -> None:
    assert one.run("guard", TARGET="nobody")[0] == 1
    one.servers({"a:1": {"hello": {"msg": "isdbgrid"}}})
    assert one.run("guard")[0] == 1
