"""Ceph's object gateway on a cluster of one process each: an S3 server that checks what AWS checks.

Signatures, checksums, bucket policies, versions and object lock are enforced. Everything is in memory.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from tests.acceptance import tools
from tests.acceptance.servers.process import (
    LOCALHOST,
    Process,
    Server,
    ServerError,
    Words,
    call,
    free_ports,
    listening,
)
from tests.acceptance.servers.s3_client import S3Client
from tests.acceptance.servers.tls import Authority

Lock = tuple[Literal["COMPLIANCE", "GOVERNANCE"], int]
# Without keys there is nothing to encrypt with, which the gateway would else insist on for the monitor.
# The monitor would refuse to work on a disk that is rather full, though it stores next to nothing.
SETTINGS = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
run dir = {directory}
admin socket = {directory}/$name.asok
log file = {directory}/$name.log
keyring = {directory}/keyring
mon data = {directory}/mon
mgr data = {directory}/mgr
osd data = {directory}/osd
osd objectstore = memstore
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 0
ms bind ipv6 = false
ms mon client mode = crc
memstore device bytes = 4294967296
rgw frontends = beast {frontend}
rgw enable usage log = false
rgw enable ops log = false
rgw gc obj min wait = 5
rgw lifecycle work time = 00:00-23:59
"""


class CephRgw(Server):
    """Monitor, manager, one store in memory, and the gateway; meant to be started once for all tests."""

    access = "admin-access"
    secret = "admin-secret"  # noqa: S105 - a server that lives for one test

    def __init__(self, *, tls: bool = False, hosts: tuple[str, ...] = ()) -> None:
        for name in ("ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "radosgw"):
            tools.require(name)
        super().__init__("ceph")
        self.monitor, self.port = free_ports(2)
        self.processes: list[Process] = []
        self.ca: Path | None = None
        frontend = f"endpoint={LOCALHOST}:{self.port}"
        if tls:
            authority = Authority(self.directory / "tls")
            pair = authority.issue("server", hosts=hosts)
            self.ca = authority.certificate
            frontend = (
                f"ssl_endpoint={LOCALHOST}:{self.port} "
                f"ssl_certificate={pair.certificate} ssl_private_key={pair.key}"
            )
        self.endpoint = f"{'https' if tls else 'http'}://{LOCALHOST}:{self.port}"
        self.fsid = str(uuid.uuid4())
        self.settings = self.directory / "ceph.conf"
        self.settings.write_text(
            SETTINGS.format(
                fsid=self.fsid, monitor=self.monitor, directory=self.directory, frontend=frontend
            )
        )

    def start(self) -> None:
        """Start everything, and return when the gateway answers."""
        (self.directory / "keyring").touch()
        for name in ("mon", "mgr", "osd"):
            (self.directory / name).mkdir()
        monitor = f"[v2:{LOCALHOST}:{self.monitor}/0]"
        plan = self.directory / "monmap"
        self.command("monmaptool", "--create", "--addv", "a", monitor, "--fsid", self.fsid, plan)
        self.command("ceph-mon", "--mkfs", "--id", "a", "--monmap", plan)
        self.launch("ceph-mon", "a").wait(self.quorate, "the monitor")
        self.launch("ceph-mgr", "a")
        identity = str(uuid.uuid4())
        store = self.command("ceph", "osd", "new", identity).strip()
        self.command("ceph-osd", "--id", store, "--mkfs", "--osd-uuid", identity)
        self.launch("ceph-osd", store).wait(self.stored, "the store", seconds=60)
        gateway = self.launch("radosgw", "rgw", "--name", "client.rgw")
        gateway.wait(lambda: listening(self.port), "the gateway", seconds=90)
        self.create_user(self.access, self.secret)

    def launch(self, program: str, identity: str, *arguments: str) -> Process:
        """Start one daemon in the foreground."""
        named = arguments or ("--id", identity)
        command: Words = [tools.require(program), "--conf", self.settings, "-f", *named]
        process = Process(command, log=self.directory / f"{program}.out")
        self.processes.append(process)
        return process

    def command(self, program: str, *arguments: str | Path, seconds: float = 60) -> str:
        """Run one of Ceph's own commands."""
        return call([program, "--conf", self.settings, *arguments], seconds=seconds).stdout

    def quorate(self) -> bool:
        """Tell whether the monitor answers."""
        asked: Words = ["ceph", "--conf", self.settings, "--connect-timeout", "2", "quorum_status"]
        return call(asked, check=False).returncode == 0

    def stored(self) -> bool:
        """Tell whether the store is up."""
        answer = json.loads(self.command("ceph", "osd", "stat", "--format=json"))
        return bool(answer["num_up_osds"] == 1)

    def stop(self) -> None:
        """End everything, the gateway first; nothing in memory is worth an orderly end."""
        while self.processes:
            self.processes.pop().kill()

    def create_user(self, access: str, secret: str) -> S3Client:
        """Make an identity, and return a client that uses it. Its user is named like its access key."""
        named = ["--uid", access, "--display-name", access]
        keys = ["--access-key", access, "--secret-key", secret]
        self.command("radosgw-admin", "user", "create", *named, *keys)
        return self.client(access, secret)

    def client(self, access: str | None = None, secret: str | None = None) -> S3Client:
        """Return a client, of the administrator unless an identity is given."""
        trust = None if self.ca is None else str(self.ca)
        return S3Client(self.endpoint, access or self.access, secret or self.secret, trust)

    def bucket(
        self,
        name: str,
        *,
        lock: Lock | None = None,
        versioning: bool = False,
        owner: S3Client | None = None,
    ) -> S3Client:
        """Make a bucket, with a default retention if one is given in days, and return its owner."""
        owner = owner or self.client()
        headers = {"x-amz-bucket-object-lock-enabled": "true"} if lock else {}
        answer = owner.request("PUT", f"/{name}", headers=headers)
        if not answer.ok:
            raise ServerError(f"bucket {name}: {answer.status} {answer.body!r}")
        if versioning and not lock:
            body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
            owner.must("PUT", f"/{name}", body.encode(), {"versioning": ""})
        if lock:
            mode, days = lock
            body = (
                "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
                f"<DefaultRetention><Mode>{mode}</Mode><Days>{days}</Days></DefaultRetention>"
                "</Rule></ObjectLockConfiguration>"
            )
            owner.must("PUT", f"/{name}", body.encode(), {"object-lock": ""})
        return owner

    def policy(
        self, bucket: str, statements: Sequence[Mapping[str, object]], owner: S3Client | None = None
    ) -> None:
        """Set the policy of a bucket, which says what other users may do with it."""
        body = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        (owner or self.client()).must("PUT", f"/{bucket}", body.encode(), {"policy": ""})

    def environment(self, client: S3Client | None = None) -> dict[str, str]:
        """Return what restic, rclone and the AWS programs read to find an identity."""
        chosen = client or self.client()
        return {"AWS_ACCESS_KEY_ID": chosen.access, "AWS_SECRET_ACCESS_KEY": chosen.secret}

    @staticmethod
    def user_arn(access: str) -> str:
        """Return how a policy names a user."""
        return f"arn:aws:iam:::user/{access}"
