"""Etcd clusters of one or three members, with certificates laid out as kubeadm does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.acceptance import tools
from tests.acceptance.servers.process import LOCALHOST, Process, Server, Words, call, free_ports
from tests.acceptance.servers.tls import Authority

Version = Literal["3.4", "3.5", "3.6"]


@dataclass
class Member:
    """One member; it can be started from any data directory and with more flags."""

    name: str
    client_port: int
    peer_port: int
    data: Path
    log: Path
    process: Process | None = None

    @property
    def client_url(self) -> str:
        """Return where clients connect."""
        return f"https://{LOCALHOST}:{self.client_port}"

    @property
    def peer_url(self) -> str:
        """Return where the other members connect."""
        return f"https://{LOCALHOST}:{self.peer_port}"

    @property
    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.alive


class EtcdCluster(Server):
    """A cluster whose members and clients show certificates.

    `pki` holds `ca.crt`, `server.*`, `peer.*` and `healthcheck-client.*`, like `/etc/kubernetes/pki/etcd`
    of a control-plane node, but one server certificate for all members.
    """

    def __init__(
        self,
        *,
        members: Literal[1, 3] = 1,
        version: Version = "3.5",
        directory: Path | None = None,
        hosts: tuple[str, ...] = (),
        flags: tuple[str, ...] = (),
    ) -> None:
        self.version = version
        self.etcd = tools.require(f"etcd-{version}")
        self.etcdctl = tools.require(f"etcdctl-{version}")
        super().__init__("etcd", directory)
        self.flags = flags
        self.pki = self.directory / "pki"
        authority = Authority(self.pki, "etcd-ca")
        self.ca = authority.certificate
        both = "serverAuth,clientAuth"
        self.server = authority.issue("server", hosts=hosts, usages=both)
        self.peer = authority.issue("peer", hosts=hosts, usages=both)
        self.client = authority.issue(
            "healthcheck-client",
            subject="/O=system:masters/CN=kube-etcd-healthcheck-client",
            usages="clientAuth",
        )
        ports = free_ports(2 * members)
        self.members = [
            Member(
                name=f"member-{index}",
                client_port=ports[2 * index],
                peer_port=ports[2 * index + 1],
                data=self.directory / f"member-{index}",
                log=self.directory / f"member-{index}.log",
            )
            for index in range(members)
        ]

    @property
    def endpoints(self) -> list[str]:
        """Return the client URLs of all members."""
        return [member.client_url for member in self.members]

    @property
    def initial_cluster(self) -> str:
        """Return the value of `--initial-cluster`, which a restore takes as well."""
        return ",".join(f"{member.name}={member.peer_url}" for member in self.members)

    def start(self, data: Sequence[Path] | None = None, flags: Sequence[str] = ()) -> None:
        """Start all members, from other data directories if named, and wait until the cluster is healthy."""
        for index, member in enumerate(self.members):
            if data is not None:
                member.data = data[index]
            self.launch(member, flags)
        for member in self.members:
            self.settle(member)

    def start_member(self, index: int, data: Path | None = None, flags: Sequence[str] = ()) -> None:
        """Start one member, and wait until it is healthy."""
        member = self.members[index]
        member.data = data or member.data
        self.launch(member, flags)
        self.settle(member)

    def launch(self, member: Member, flags: Sequence[str] = ()) -> None:
        """Start one member, without waiting."""
        member.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        pairs = [("", self.server), ("peer-", self.peer)]
        trust = [
            word
            for prefix, pair in pairs
            for word in (
                f"--{prefix}cert-file={pair.certificate}",
                f"--{prefix}key-file={pair.key}",
                f"--{prefix}trusted-ca-file={self.ca}",
                f"--{prefix}client-cert-auth=true",
            )
        ]
        command: Words = [
            self.etcd,
            f"--name={member.name}",
            f"--data-dir={member.data}",
            f"--listen-client-urls={member.client_url}",
            f"--advertise-client-urls={member.client_url}",
            f"--listen-peer-urls={member.peer_url}",
            f"--initial-advertise-peer-urls={member.peer_url}",
            f"--initial-cluster={self.initial_cluster}",
            *trust,
            *self.flags,
            *flags,
        ]
        member.process = Process(command, log=member.log)

    def settle(self, member: Member) -> None:
        """Wait until one member answers, which takes a leader."""
        if member.process is not None:
            member.process.wait(lambda: self.healthy(member), member.name)

    def healthy(self, member: Member) -> bool:
        """Tell whether a member answers."""
        flags = ["--command-timeout=2s", "endpoint", "health"]
        return self.ctl(*flags, endpoints=[member.client_url], check=False).returncode == 0

    def stop(self) -> None:
        """Stop all members."""
        for index in range(len(self.members)):
            self.stop_member(index)

    def stop_member(self, index: int) -> None:
        """Stop one member."""
        process = self.members[index].process
        if process is not None:
            process.stop()

    def kill(self, index: int = 0) -> None:
        """End one member as a power failure would."""
        process = self.members[index].process
        if process is not None:
            process.kill()

    def ctl(
        self,
        *arguments: str,
        endpoints: Sequence[str] = (),
        check: bool = True,
        credentials: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run `etcdctl` of the cluster's version."""
        shown = (
            [f"--cert={self.client.certificate}", f"--key={self.client.key}"] if credentials else []
        )
        where = f"--endpoints={','.join(endpoints or self.endpoints)}"
        command: Words = [self.etcdctl, where, f"--cacert={self.ca}", *shown, *arguments]
        return call(command, environment={"ETCDCTL_API": "3"}, check=check)

    def utl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run what works on files: `etcdutl`, or `etcdctl` where there was none yet."""
        program = (
            self.etcdctl if self.version == "3.4" else tools.require(f"etcdutl-{self.version}")
        )
        return call([program, *arguments], environment={"ETCDCTL_API": "3"}, check=check)

    def revision(self) -> int:
        """Return the newest revision of the store."""
        answer = self.ctl("endpoint", "status", "--write-out=json", endpoints=self.endpoints[:1])
        return int(json.loads(answer.stdout)[0]["Status"]["header"]["revision"])
