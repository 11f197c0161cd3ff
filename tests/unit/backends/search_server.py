"""A stub of the snapshot API of Elasticsearch and OpenSearch: state in memory, and strict about requests.

It is no server: it refuses every path, parameter and field that it does not know, keeps what it is given, and
says what the real ones say. What they do with it is known from their sources and documents.
"""

from __future__ import annotations

import base64
import fnmatch
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bpc.resources import templates

USER = "o'rd\"ers $(x)"
PASSWORD = "p'a\"s$s`w\\o#r:d 😀"  # noqa: S105 - of a stub
UUID = "VzwMd9QPT1WIEkd5kzW85A"
_SETTINGS = {
    "s3": {"bucket", "base_path", "client", "endpoint", "path_style_access", "readonly"},
    "gcs": {"bucket", "base_path", "client", "readonly"},
    "azure": {"container", "base_path", "client", "readonly"},
}
_SNAPSHOT = {"indices", "ignore_unavailable", "include_global_state", "partial", "metadata"}
_RESTORE = {
    *("indices", "ignore_unavailable", "partial", "include_global_state", "include_aliases"),
    *("rename_pattern", "rename_replacement", "ignore_index_settings", "index_settings"),
}


class RefusedError(Exception):
    """What the server answers with an error."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def only(given: Mapping[str, Any], allowed: set[str]) -> None:
    """Refuse fields that are not allowed."""
    unknown = set(given) - allowed
    if unknown:
        raise RefusedError(400, f"unknown field {sorted(unknown)}")


@dataclass
class Cluster:
    """A server: what it was told, what it holds, and what goes wrong with it."""

    flavour: str = "elasticsearch"
    uuid: str = UUID
    now: int = 0
    running: bool = True
    nodes: int = 1
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    indices: dict[str, dict[str, Any]] = field(default_factory=dict)
    streams: dict[str, list[str]] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    shards_fail: bool = False
    forgets: bool = False
    requests: list[str] = field(default_factory=list)
    restores: list[dict[str, Any]] = field(default_factory=list)

    def index(self, name: str, made: int = 0, documents: int = 1) -> None:
        """Make an index."""
        self.indices[name] = {"made": made, "documents": documents, "status": "open", "from": None}

    def snapshot(self, name: str, **more: Any) -> dict[str, Any]:
        """Make a snapshot that is complete, except for what is said otherwise."""
        begun = more.pop("begun", self.now)
        found = {
            "snapshot": name,
            "state": "SUCCESS",
            "indices": [*self.indices],
            "data_streams": [*self.streams],
            "start_time_in_millis": begun * 1000,
            "end_time_in_millis": (begun + 60) * 1000,
            "shards": {"total": 1, "failed": 0, "successful": 1},
            "failures": [],
            **more,
        }
        self.snapshots.append(found)
        return found

    def admit(self, known: bool, verb: str, path: str, query: dict[str, str], body: Any) -> Any:
        """Do what a request of a known account asks for."""
        if not known:
            raise RefusedError(401, "missing authentication credentials")
        return self.answer(verb, path, query, body)

    def answer(self, verb: str, path: str, query: dict[str, str], body: Any) -> Any:
        """Do what a request asks for."""
        for pattern, status in self.broken.items():
            if re.fullmatch(pattern, f"{verb} {path}"):
                raise RefusedError(status, "broken for the test")
        for allowed, pattern, parameters, do in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == allowed:
                only(query, parameters)
                return do(
                    self, *map(unquote, match.groups()), *([body] if body is not None else [])
                )
        raise RefusedError(400, f"no handler found for uri [{path}] and method [{verb}]")

    def _hello(self) -> Any:
        version = {"number": "8.15.0"}
        if self.flavour == "opensearch":
            version = {"number": "2.19.0", "distribution": "opensearch"}
        return {"cluster_uuid": self.uuid, "version": version}

    def _repository(self, name: str) -> Any:
        if name not in self.repositories:
            raise RefusedError(404, f"[{name}] missing")
        return {name: self.repositories[name]}

    def _put_repository(self, name: str, body: Any) -> Any:
        only(body, {"type", "settings"})
        only(body["settings"], _SETTINGS[body["type"]])
        if not self.forgets:
            self.repositories[name] = body
        return {"acknowledged": True}

    def _drop_repository(self, name: str) -> Any:
        self._repository(name)
        del self.repositories[name]
        return {"acknowledged": True}

    def _verify(self, name: str) -> Any:
        self._repository(name)
        return {"nodes": {str(number): {"name": "node"} for number in range(self.nodes)}}

    def _list(self, name: str) -> Any:
        self._repository(name)
        return {"snapshots": self.snapshots}

    def _status(self) -> Any:
        return {"operation_mode": "RUNNING" if self.running else "STOPPED"}

    def _slm(self, name: str) -> Any:
        if name not in self.policies:
            raise RefusedError(404, f"snapshot lifecycle policy or policies [{name}] not found")
        return {name: {"version": 1, **self.policies[name], **self.said.get(name, {})}}

    def _put_slm(self, name: str, body: Any) -> Any:
        only(body, {"name", "schedule", "repository", "config", "retention"})
        only(body["config"], _SNAPSHOT)
        only(body["retention"], {"expire_after", "min_count", "max_count"})
        self._repository(body["repository"])
        if len(body["schedule"].split()) != 6 or "?" not in body["schedule"]:
            raise RefusedError(400, "invalid cron expression")
        if not self.forgets:
            self.policies[name] = {"policy": body, "modified_date_millis": self.now * 1000}
        return {"acknowledged": True}

    def _drop_slm(self, name: str) -> Any:
        self._slm(name)
        del self.policies[name]
        return {"acknowledged": True}

    def _sm(self, name: str) -> Any:
        if name not in self.policies:
            raise RefusedError(404, "Snapshot management policy not found")
        return {"_id": f"{name}-sm-policy", **self.policies[name]}

    def _post_sm(self, name: str, body: Any) -> Any:
        if name in self.policies:
            raise RefusedError(409, "version conflict, document already exists")
        return self._store_sm(name, body, 0)

    def _put_sm(self, name: str, number: str, body: Any) -> Any:
        if int(number) != self._sm(name)["_seq_no"]:
            raise RefusedError(409, "version conflict")
        return self._store_sm(name, body, int(number) + 1)

    def _store_sm(self, name: str, body: Any, number: int) -> Any:
        only(body, {"description", "enabled", "creation", "deletion", "snapshot_config"})
        only(body["creation"], {"schedule", "time_limit"})
        only(body["deletion"], {"schedule", "condition", "time_limit"})
        only(body["snapshot_config"], _SNAPSHOT | {"repository"})
        condition = body["deletion"]["condition"]
        only(condition, {"max_age", "min_count", "max_count"})
        if condition["max_count"] <= condition["min_count"]:
            raise RefusedError(400, "max_count should be bigger than min_count.")
        for part in (body["creation"], body["deletion"]):
            only(part["schedule"]["cron"], {"expression", "timezone"})
            if len(part["schedule"]["cron"]["expression"].split()) != 5:
                raise RefusedError(400, "invalid cron expression")
        if not self.forgets:
            told = {
                **body,
                "name": name,
                "schema_version": 19,
                "last_updated_time": self.now * 1000,
            }
            self.policies[name] = {"_seq_no": number, "_primary_term": 1, "sm_policy": told}
        return self.policies.get(name, {})

    def _stop_sm(self, name: str) -> Any:
        self._sm(name)["sm_policy"]["enabled"] = False
        return {"acknowledged": True}

    def _explain(self, name: str) -> Any:
        latest = self.said.get(name)
        creation = {"current_state": "CREATION_START"}
        return {"policies": [{"name": name, "creation": {**creation, **(latest or {})}}]}

    def _matching(self, expression: str) -> list[str]:
        names = [*self.indices, *self.streams]
        chosen: list[str] = []
        for each in expression.split(","):
            if each.startswith("-"):
                chosen = [name for name in chosen if not fnmatch.fnmatch(name, each[1:])]
                continue
            found = [name for name in names if fnmatch.fnmatch(name, each)]
            if not found and "*" not in each:
                raise RefusedError(404, f"no such index [{each}]")
            chosen += found
        return chosen

    def _cat(self, expression: str = "*") -> Any:
        chosen = self._matching(expression)
        backing = {index for name in chosen for index in self.streams.get(name, [])}
        return [
            {
                "index": name,
                "creation.date": str(index["made"] * 1000),
                "status": index["status"],
                "health": "green",
                "docs.count": str(index["documents"]) if index["status"] == "open" else None,
            }
            for name, index in self.indices.items()
            if name in chosen or name in backing
        ]

    def _resolve(self, expression: str) -> Any:
        chosen = self._matching(expression)
        streams = [
            {"name": name, "backing_indices": indices, "timestamp_field": "@timestamp"}
            for name, indices in self.streams.items()
            if name in chosen
        ]
        return {"indices": [], "aliases": [], "data_streams": streams}

    def _streams(self) -> Any:
        return {
            "data_streams": [
                {"name": name, "indices": [{"index_name": index} for index in indices]}
                for name, indices in self.streams.items()
            ]
        }

    def _drop_stream(self, name: str) -> Any:
        for index in self.streams.pop(name):
            del self.indices[index]
        return {"acknowledged": True}

    def _close(self, name: str) -> Any:
        self.indices[name]["status"] = "close"
        return {"acknowledged": True}

    def _open(self, name: str) -> Any:
        self.indices[name]["status"] = "open"
        return {"acknowledged": True}

    def _drop(self, name: str) -> Any:
        del self.indices[name]
        return {"acknowledged": True}

    def _restore(self, repository: str, name: str, body: Any) -> Any:
        self._repository(repository)
        only(body, _RESTORE | ({"feature_states"} if self.flavour == "elasticsearch" else set()))
        taken = next(each for each in self.snapshots if each["snapshot"] == name)
        for each in body["indices"].split(","):
            target = each
            if "rename_pattern" in body:
                target = body["rename_replacement"].replace("$1", each)
            if each in taken["data_streams"]:
                self.streams[target] = [f".ds-{target}-1"]
                target = f".ds-{target}-1"
            elif each not in taken["indices"]:
                raise RefusedError(404, f"no such index [{each}]")
            if self.indices.get(target, {}).get("status") == "open":
                raise RefusedError(500, f"cannot restore index [{target}] because it is open")
            self.indices[target] = {"made": 0, "documents": 7, "status": "open", "from": name}
        self.restores.append(body)
        return {"accepted": True}

    def _recovery(self) -> Any:
        return [
            {
                "index": name,
                "shard": "0",
                "type": "snapshot",
                "stage": "done",
                "snapshot": index["from"],
            }
            for name, index in self.indices.items()
            if index["from"]
        ]

    def _shards(self) -> Any:
        fails = self.shards_fail
        state = "UNASSIGNED" if fails else "STARTED"
        reason = "ALLOCATION_FAILED" if fails else None
        shard = {"shard": "0", "prirep": "p", "state": state, "unassigned.reason": reason}
        return [{"index": name, **shard} for name in self.indices]


_N = "([^/?]+)"
_ROUTES: list[tuple[str, str, set[str], Callable[..., Any]]] = [
    ("GET", "", set(), Cluster._hello),
    ("GET", f"_snapshot/{_N}", set(), Cluster._repository),
    ("PUT", f"_snapshot/{_N}", {"verify"}, Cluster._put_repository),
    ("DELETE", f"_snapshot/{_N}", set(), Cluster._drop_repository),
    ("POST", f"_snapshot/{_N}/_verify", set(), Cluster._verify),
    ("GET", f"_snapshot/{_N}/_all", set(), Cluster._list),
    ("POST", f"_snapshot/{_N}/{_N}/_restore", {"wait_for_completion"}, Cluster._restore),
    ("GET", "_slm/status", set(), Cluster._status),
    ("GET", f"_slm/policy/{_N}", set(), Cluster._slm),
    ("PUT", f"_slm/policy/{_N}", set(), Cluster._put_slm),
    ("DELETE", f"_slm/policy/{_N}", set(), Cluster._drop_slm),
    ("GET", f"_plugins/_sm/policies/{_N}", set(), Cluster._sm),
    ("POST", f"_plugins/_sm/policies/{_N}", set(), Cluster._post_sm),
    (
        "PUT",
        rf"_plugins/_sm/policies/{_N}\?if_seq_no=(\d+)&if_primary_term=1",
        set(),
        Cluster._put_sm,
    ),
    ("POST", f"_plugins/_sm/policies/{_N}/_stop", set(), Cluster._stop_sm),
    ("GET", f"_plugins/_sm/policies/{_N}/_explain", set(), Cluster._explain),
    ("GET", "_cat/indices", {"format", "h", "expand_wildcards"}, Cluster._cat),
    ("GET", f"_cat/indices/{_N}", {"format", "h", "expand_wildcards"}, Cluster._cat),
    ("GET", "_cat/recovery", {"format", "h"}, Cluster._recovery),
    ("GET", "_cat/shards", {"format", "h"}, Cluster._shards),
    ("GET", f"_resolve/index/{_N}", {"expand_wildcards"}, Cluster._resolve),
    ("GET", "_data_stream", {"expand_wildcards"}, Cluster._streams),
    ("DELETE", f"_data_stream/{_N}", set(), Cluster._drop_stream),
    ("POST", f"{_N}/_close", set(), Cluster._close),
    ("POST", f"{_N}/_open", set(), Cluster._open),
    ("DELETE", _N, set(), Cluster._drop),
]


class _Handler(BaseHTTPRequestHandler):
    def _do(self) -> None:
        cluster: Cluster = self.server.cluster  # type: ignore[attr-defined] # set below
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/")
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if "if_seq_no" in query:
            path, query = self.path.removeprefix("/"), {}
        cluster.requests.append(f"{self.command} {self.path}")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        account = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        try:
            known = self.headers.get("Authorization") == f"Basic {account}"
            status, said = 200, cluster.admit(known, self.command, path, query, body)
        except RefusedError as error:
            status, said = error.status, {"error": {"reason": str(error)}, "status": error.status}
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = _do  # noqa: N815 - the names of the library

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Jobs:
    """Runs the scripts against a stub."""

    shell: str
    home: Path
    cluster: Cluster
    port: int
    desired: str

    def run(self, script: str, **values: str) -> subprocess.CompletedProcess[str]:
        """Run a script with a job's environment and some changes; the arguments of each curl are kept."""
        (self.home / "desired.json").write_text(self.desired, encoding="utf-8")
        environment = {
            "PATH": f"{self.home / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "CLUSTER": "prod",
            "POLICY": "shop",
            "DATASET": "search",
            "LOCATION": "s3",
            "FLAVOUR": self.cluster.flavour,
            "DESIRED": str(self.home / "desired.json"),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "TLS": "disable",
            "CA_FILE": "",
            "ACCOUNT": str(self.home / "account"),
            "POLL": "0",
            "METRICS_FILE": "",
            "PAUSED": "false",
            **values,
        }
        return subprocess.run(
            [*self.shell.split(), str(self.home / script)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def arguments(self) -> str:
        """Return the arguments of every curl that was started."""
        return (self.home / "arguments").read_text(encoding="utf-8")


_CURL = """#!/bin/sh
printf '%s ' "$@" >>"{home}/arguments"
exec {curl} "$@"
"""


@contextmanager
def jobs(shell: str, home: Path, cluster: Cluster, desired: str) -> Iterator[Jobs]:
    """Give a way to run the scripts against a stub."""
    (home / "bin").mkdir()
    (home / "account").mkdir()
    (home / "account" / "username").write_text(USER, encoding="utf-8")
    (home / "account" / "password").write_text(PASSWORD, encoding="utf-8")
    curl = home / "bin" / "curl"
    curl.write_text(_CURL.format(home=home, curl=shutil.which("curl")), encoding="utf-8")
    curl.chmod(0o755)
    for name in ("api.sh", "apply.sh", "restore.sh"):
        text = templates().joinpath("search", "scripts", name).read_text(encoding="utf-8")
        (home / name).write_text(text, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.cluster = cluster  # type: ignore[attr-defined] # read by the handler
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Jobs(shell, home, cluster, server.server_address[1], desired)
        finally:
            server.shutdown()
            thread.join()
