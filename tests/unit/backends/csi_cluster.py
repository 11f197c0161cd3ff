"""A cluster in memory, and shells whose `kubectl` talks to it: to run the scripts of CSI jobs for real."""

from __future__ import annotations

import json
import re
import shutil
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from tests.conftest import ROOT

SCRIPTS = ROOT / "templates" / "csi" / "scripts"
SHELLS = ("dash", "bash", "busybox")
DAY = 86_400
CLAIMS, SNAPSHOTS, GROUPS = "persistentvolumeclaims", "volumesnapshots", "volumegroupsnapshots"
CONTENTS, GROUP_CONTENTS = "volumesnapshotcontents", "volumegroupsnapshotcontents"

# It sends its words and what it is fed, each ended by a zero, and gets back code, output and errors.
_STUB = """#!/bin/bash
body=
case "$1" in create | apply) body=$(cat) ;; esac
exec 3<>/dev/tcp/127.0.0.1/PORT
printf '%s\\0' "$#" "$@" "$body" >&3
read -r -d '' code <&3
IFS= read -r -d '' out <&3
IFS= read -r -d '' err <&3
printf '%s' "$out"
printf '%s' "$err" >&2
exit "$code"
"""

Object = dict[str, Any]


def moment(seconds: float) -> str:
    """Return a moment as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Refused(Exception):  # noqa: N818 - what the API server does
    """What kubectl prints before it fails."""


class Cluster:
    """One namespace, `data`, and the contents that belong to it.

    `never_ready` names claims whose snapshots fail, `broken` pairs of verb and kind that the API server
    answers with an error, and `pending` claims that wait for their first pod, or just wait.
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Object]] = {}
        self.storage: set[str] = set()
        self.calls: list[list[str]] = []
        self.never_ready: set[str] = set()
        self.broken: set[tuple[str, str]] = set()
        self.pending: dict[str, str] = {}
        self.size: str | None = "10Gi"

    def of(self, kind: str) -> dict[str, Object]:
        """Return the objects of one kind by name."""
        return self.objects.setdefault(kind, {})

    def claim(self, name: str, **labels: str) -> None:
        """Make a live claim."""
        self.of(CLAIMS)[name] = {
            "metadata": {"name": name, "labels": labels},
            "spec": {
                "storageClassName": "live-class",
                "accessModes": ["ReadWriteMany"],
                "volumeMode": "Block",
                "resources": {"requests": {"storage": "5Gi"}},
            },
            "status": {"phase": "Bound", "capacity": {"storage": "7Gi"}},
        }

    def snapshot(self, claim: str, days: float, *, rung: str = "daily", ready: bool = True) -> str:
        """Make a snapshot that a job took so many days ago, and return its name."""
        taken = int(time.time() - days * DAY)
        name = f"{claim}--{rung}--{taken}"
        labels = {"bpc/policy": "files", "bpc/dataset": "media", "bpc/rung": rung}
        source = {"persistentVolumeClaimName": claim}
        self.add_snapshot(name, labels | {"bpc/taken": str(taken)}, source, taken, ready=ready)
        return name

    def group(self, days: float, *claims: str) -> str:
        """Make a group snapshot of some claims that a job took so many days ago, and return its name."""
        taken = int(time.time() - days * DAY)
        name = f"media--daily--{taken}"
        labels = {"bpc/policy": "files", "bpc/dataset": "media", "bpc/rung": "daily"}
        self.add_group(name, labels | {"bpc/taken": str(taken)}, claims, taken)
        return name

    def add_snapshot(
        self,
        name: str,
        labels: dict[str, str],
        source: dict[str, str],
        taken: float,
        *,
        ready: bool = True,
        group: str | None = None,
        annotations: dict[str, str] | None = None,
    ) -> None:
        """Make a snapshot with its content, as the controller does."""
        content = source.get("volumeSnapshotContentName", f"content-of-{name}")
        status = {"readyToUse": ready, "boundVolumeSnapshotContentName": content}
        status |= {"creationTime": moment(taken)} if ready else {}
        status |= {"restoreSize": self.size} if self.size else {}
        status |= {"volumeGroupSnapshotName": group} if group else {}
        status |= {} if ready else {"error": {"message": "the storage is full"}}
        metadata: Object = {"name": name, "labels": labels, "creationTimestamp": moment(taken)}
        self.of(SNAPSHOTS)[name] = {
            "metadata": metadata | {"annotations": annotations or {}},
            "spec": {"source": source},
            "status": status,
        }
        if content not in self.of(CONTENTS):
            self.add_content(CONTENTS, content, "volumeSnapshotRef", name, "snapshotHandle")

    def add_group(
        self, name: str, labels: dict[str, str], claims: tuple[str, ...], taken: float
    ) -> None:
        """Make a group snapshot with its members, as the controller does."""
        content = f"content-of-{name}"
        ready = not self.never_ready.intersection(claims)
        status: Object = {"readyToUse": ready, "boundVolumeGroupSnapshotContentName": content}
        status |= {"creationTime": moment(taken)} if ready else {}
        self.of(GROUPS)[name] = {
            "metadata": {"name": name, "labels": labels, "creationTimestamp": moment(taken)},
            "status": status,
        }
        self.add_content(
            GROUP_CONTENTS, content, "volumeGroupSnapshotRef", name, "volumeGroupSnapshotHandle"
        )
        for claim in claims:
            source = {"persistentVolumeClaimName": claim}
            self.add_snapshot(f"{name}-{claim}", {}, source, taken, ready=ready, group=name)

    def add_content(self, kind: str, name: str, reference: str, owner: str, handle: str) -> None:
        """Make what stands for a snapshot on the storage."""
        self.of(kind)[name] = {
            "metadata": {"name": name},
            "spec": {"deletionPolicy": "Retain", reference: {"namespace": "data", "name": owner}},
            "status": {handle: f"handle-of-{owner}"},
        }
        self.storage.add(f"handle-of-{owner}")

    def kubectl(self, words: list[str], body: str) -> str:
        """Answer one command; raises Refused."""
        self.calls.append(words)
        options, rest = _split(words)
        verb, target, *names = rest if len(rest) > 1 else [*rest, ""]
        kind, _, name = target.partition("/")
        kind = kind.partition(".")[0]
        name = name or (names[0] if names else "")
        if (verb, kind) in self.broken:
            raise Refused("the server is on fire")
        commands: dict[str, Callable[[str, str, dict[str, str]], str]] = {
            "get": self._get,
            "wait": self._wait,
            "patch": self._patch,
            "delete": self._delete,
        }
        if verb in commands:
            return commands[verb](kind, name, options)
        assert verb in ("create", "apply"), words
        return "".join(self._create(verb, each) for each in yaml.safe_load_all(body))

    def _create(self, verb: str, made: Object) -> str:
        kind, name = f"{made['kind'].lower()}s", made["metadata"]["name"]
        if (verb, kind) in self.broken:
            raise Refused("the server is on fire")
        if name in self.of(kind):
            if verb == "apply":
                return f"{kind}/{name} unchanged\n"
            raise Refused(f'{kind} "{name}" already exists')
        assert made["metadata"].get("namespace", "data") == "data"
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", name), name
        assert ".-" not in name
        assert "-." not in name
        assert len(name) <= 253
        labels = made["metadata"].get("labels", {})
        assert all(len(value) <= 63 for value in labels.values())
        if kind == SNAPSHOTS:
            source = made["spec"]["source"]
            ready = source.get("persistentVolumeClaimName") not in self.never_ready
            notes = made["metadata"]["annotations"]
            self.add_snapshot(name, labels, source, time.time(), ready=ready, annotations=notes)
            self.of(kind)[name]["spec"] = made["spec"]
        elif kind == GROUPS:
            selector = made["spec"]["source"]["selector"]["matchLabels"]
            claims = [c for c, each in self.of(CLAIMS).items() if _has(each, selector)]
            self.add_group(name, labels, tuple(claims), time.time())
            self.of(kind)[name] |= {"spec": made["spec"], "apiVersion": made["apiVersion"]}
        else:
            self.of(kind)[name] = made
        self.of(kind)[name]["metadata"]["annotations"] = made["metadata"].get("annotations", {})
        if kind == CLAIMS:
            made["status"] = {"phase": "Pending" if name in self.pending else "Bound"}
        return f"{kind}/{name} created\n"

    def _get(self, kind: str, name: str, options: dict[str, str]) -> str:
        if kind == "events":
            asked = dict(part.split("=") for part in options["--field-selector"].split(","))
            why = self.pending.get(asked["involvedObject.name"])
            return "event/x\n" if why == asked["reason"] else ""
        if not name:
            wanted = dict(p.split("=", 1) for p in options.get("--selector", "").split(",") if p)
            return _print(
                {"items": [o for o in self.of(kind).values() if _has(o, wanted)]}, options
            )
        if name not in self.of(kind):
            if "--ignore-not-found" in options:
                return ""
            raise Refused(f'{kind} "{name}" not found')
        return _print(self.of(kind)[name], options)

    def _wait(self, kind: str, name: str, options: dict[str, str]) -> str:
        assert options["--for"] == "jsonpath={.status.readyToUse}=true"
        assert re.fullmatch(r"[1-9][0-9]*s", options["--timeout"])
        if not self.of(kind)[name]["status"]["readyToUse"]:
            raise Refused("timed out waiting for the condition")
        return f"{kind}/{name} condition met\n"

    def _patch(self, kind: str, name: str, options: dict[str, str]) -> str:
        self.of(kind)[name]["spec"] |= json.loads(options["--patch"])["spec"]
        return f"{kind}/{name} patched\n"

    def _delete(self, kind: str, name: str, options: dict[str, str]) -> str:
        gone = self.of(kind).pop(name)
        if kind == SNAPSHOTS:
            self._drop(CONTENTS, gone["status"]["boundVolumeSnapshotContentName"])
        elif kind == GROUPS:
            self._drop(GROUP_CONTENTS, gone["status"]["boundVolumeGroupSnapshotContentName"])
            for member, each in list(self.of(SNAPSHOTS).items()):
                if each["status"].get("volumeGroupSnapshotName") == name:
                    self._delete(SNAPSHOTS, member, options)
        return f'{kind} "{name}" deleted\n'

    def _drop(self, kind: str, name: str) -> None:
        if self.of(kind)[name]["spec"]["deletionPolicy"] == "Delete":
            (handle,) = self.of(kind).pop(name)["status"].values()
            self.storage.discard(handle)


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            rest.append(word)
        elif equals or name == "--ignore-not-found":
            options[name] = value
        else:
            options[name] = queue.pop(0)
    return options, rest


def _has(each: Object, wanted: dict[str, str]) -> bool:
    labels = each["metadata"].get("labels", {})
    return all(labels.get(key) == value for key, value in wanted.items())


def _print(value: Object, options: dict[str, str]) -> str:
    output = options["--output"]
    if output == "name":
        return f"x/{value['metadata']['name']}\n"
    assert output.startswith("jsonpath=")
    return fill(output.removeprefix("jsonpath="), value)


def fill(template: str, value: Object) -> str:
    """Fill a template of kubectl's: one range at most, paths of plain names, and quoted texts."""
    found = re.fullmatch(r"\{range \.items\[\*\]\}(.*)\{end\}", template, re.DOTALL)
    if found:
        return "".join(fill(found[1], item) for item in value["items"])

    def put(match: re.Match[str]) -> str:
        if match[1].startswith('"'):
            return match[1][1:-1].replace("\\n", "\n")
        at: object = value
        for step in match[1].removeprefix(".").split("."):
            at = at.get(step) if isinstance(at, dict) else None
        if isinstance(at, bool | list):
            return json.dumps(at, separators=(",", ":"))
        return "" if at is None else str(at)

    return re.sub(r"\{([^{}]*)\}", put, template)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        count = int(_word(self.rfile))
        words = [_word(self.rfile) for _ in range(count)]
        try:
            answer = ("0", self.server.cluster.kubectl(words, _word(self.rfile)), "")  # type: ignore[attr-defined]  # set below
        except Refused as error:
            answer = ("1", "", f"{error}\n")
        except Exception as error:
            self.server.faults.append(error)  # type: ignore[attr-defined]  # set below
            answer = ("99", "", f"{error!r}\n")
        self.wfile.write("".join(f"{part}\0" for part in answer).encode())


def _word(stream: BinaryIO) -> str:
    found = bytearray()
    while (byte := stream.read(1)) not in (b"\0", b""):
        found += byte
    return found.decode()


class Shell:
    """A shell that runs scripts against a cluster."""

    def __init__(self, name: str, home: Path, cluster: Cluster, port: int) -> None:
        path = shutil.which(name)
        self._command = f"{path} sh" if name == "busybox" else str(path)
        self._home = home
        self.cluster = cluster
        (home / "bin").mkdir()
        for program, text in (
            ("kubectl", _STUB.replace("PORT", str(port))),
            ("sleep", "#!/bin/sh\n"),
        ):
            file = home / "bin" / program
            file.write_text(text, encoding="utf-8")
            file.chmod(0o755)
        for script in SCRIPTS.glob("*.sh"):
            text = script.read_text(encoding="utf-8")
            # Scripts start themselves with /bin/sh; the shell under test takes its place.
            text = text.replace('/bin/sh "$0"', f'{self._command} "$0"')
            (home / script.name).write_text(text, encoding="utf-8")

    def run(self, script: str, *words: str, **values: str) -> subprocess.CompletedProcess[str]:
        """Run a script with a job's environment and some changes."""
        environment = {
            "PATH": f"{self._home / 'bin'}:/usr/bin:/bin",
            "TMPDIR": str(self._home),
            "NAMESPACE": "data",
            "CLAIMS": "",
            "SELECTOR": "",
            "SNAPSHOT_CLASS": "class",
            "POLICY": "files",
            "DATASET": "media",
            "RUNG": "daily",
            "RUN": "files--media--daily-1",
            "KEEP_SECONDS": str(7 * DAY),
            "KEEP_AT_MOST": "8",
            "READY_SECONDS": "60",
            "RETAIN": "true",
            **values,
        }
        return subprocess.run(
            [*self._command.split(), str(self._home / script), *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@contextmanager
def shell_on_a_cluster(name: str, home: Path) -> Iterator[Shell]:
    """Give a shell whose cluster is empty; a command that the cluster does not know fails the test."""
    cluster = Cluster()
    with socketserver.TCPServer(("127.0.0.1", 0), _Handler) as server:
        server.cluster = cluster  # type: ignore[attr-defined]  # read by the handler
        server.faults = []  # type: ignore[attr-defined]  # same
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Shell(name, home, cluster, server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
        assert server.faults == []  # type: ignore[attr-defined]  # set above
