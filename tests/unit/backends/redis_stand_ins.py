"""Stands in for redis-cli, redis-server and redis-check-rdb: notes how it is called, answers as told.

STATE is a directory: `answers.json` holds what is answered to the server's name and a command, `calls.json`
lines are what was asked, with the password that was in the environment. A file that holds `RDB` is whole.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

STATE = Path(os.environ.get("STATE", "."))
WITH_VALUE = ("-h", "-p", "-s", "-n", "--user", "--cacert", "--pipe-timeout", "--rdb")
ALONE = ("--tls", "--insecure", "--pipe", "-x")
OWN = "\r\nredis_version:7.0.15\r\nnumber_of_libraries:1\r\ndb0:keys=3,expires=1,avg_ttl=9\r\n"
RESTORE = b"*4\r\n$7\r\nRESTORE\r\n$1\r\n%d\r\n$1\r\n0\r\n$3\r\n\x00\r\n\r\n"


def parsed(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options and the command."""
    options: dict[str, str] = {}
    while words and words[0] in (*WITH_VALUE, *ALONE):
        if words[0] in ALONE:
            options[words.pop(0)] = ""
        else:
            name, value, *words = words
            options[name] = value
    return options, words


def commands(data: bytes) -> int:
    """Return how many commands are in a stream, one of which is a line of its own."""
    return data.count(b"RESTORE") + 1


def client(words: list[str]) -> int:
    options, command = parsed(words)
    answers = json.loads((STATE / "answers.json").read_text(encoding="utf-8"))
    server = options.get("-h", "own")
    with (STATE / "calls.json").open("a", encoding="utf-8") as lines:
        secret = os.environ.get("REDISCLI_AUTH")
        call = {"server": server, "options": options, "command": command, "secret": secret}
        lines.write(json.dumps(call) + "\n")
    if "--pipe" in options:
        count = commands(sys.stdin.buffer.read())
        print(answers.get(f"{server} pipe", f"errors: 0, replies: {count}"))  # noqa: T201
        return 0
    if "--rdb" in options:
        Path(options["--rdb"]).write_text(answers.get("rdb", "RDB"), encoding="utf-8")
        return int(answers.get("rdb code", 0))
    if command[:1] == ["EVAL"]:
        page = b"".join(RESTORE % n for n in range(3))
        sys.stdout.buffer.write(b"done 0 3 %d\n%s\n" % (len(page), page))
        taken = STATE / "taken"
        taken.touch()
        return 0
    key = f"{server} {' '.join(command)}"
    if key == "own INFO":
        text = OWN.replace("db0", "none") if (STATE / "taken").exists() else OWN
        (STATE / "taken").unlink(missing_ok=True)
        sys.stdout.write(text + answers.get("own modules", ""))
        return 0
    default = {"PING": "PONG", "SELECT": "OK", "FLUSHALL": "OK", "FUNCTION": "OK"}
    print(answers.get(key, default.get(command[0], "ERR")))  # noqa: T201
    return 0


def server(words: list[str]) -> int:
    if words == ["--version"]:
        print("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64")  # noqa: T201
        return 0
    (STATE / "server.json").write_text(json.dumps(words), encoding="utf-8")
    time.sleep(60)
    return 0


def check(words: list[str]) -> int:
    text = Path(words[0]).read_bytes()
    if text != b"RDB":
        print("--- RDB ERROR DETECTED ---\n[offset 0] Unexpected EOF\nkey 'private'")  # noqa: T201
        return 1
    print("[offset 9] Checksum OK\n[info] 3 keys read\n[info] 1 expires")  # noqa: T201
    return 0


PROGRAMS = {"redis-cli": client, "redis-server": server, "redis-check-rdb": check}

if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv[1]](sys.argv[2:]))
