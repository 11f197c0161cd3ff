"""Control-plane nodes on loopback addresses: etcd for real, and just enough of what else a runbook acts on.

A node is a directory with its `/etc`, `/var/lib` and `/root`. A thread does what a kubelet does with the
manifest of etcd; `ssh` on the workstation's PATH enters a node by a mount namespace.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.acceptance import tools
from tests.acceptance.servers.etcd import EtcdCluster, Member, Version

CLIENT_PORT, PEER_PORT = 2379, 2380
_POLL_SECONDS = 0.05
_SSH = """#!/bin/bash
while [ "$1" = -o ]; do shift 2; done
address=${1#root@}
shift
export NODE=$NODES/$address
exec unshare --mount bash -c '
  for directory in etc var/lib root; do
    mount --bind "$NODE/$directory" "/$directory" || exit 255
  done
  PATH=$STUBS/node:/usr/sbin:/usr/bin:/sbin:/bin exec sh -c "$1"
' node "$*"
"""
_CRICTL = """#!/bin/sh
# Answers `ps --quiet --name` with the names of what runs.
case " $* " in
  *" ps "*)
    for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
      printf '%s' "$*" | grep -q "$name" || continue
      test ! -e "$NODE/running/$name" || echo "$name"
    done
    ;;
esac
"""
_KUBECTL = """#!/bin/bash
echo "kubectl $*" >>"$CALLS"
case "$*" in
  *readyz*)
    first=$(head -n 1 "$NODES/list")
    test -e "$NODES/$first/etc/kubernetes/manifests/kube-apiserver.yaml" || exit 1
    echo ok
    ;;
  *jsonpath*) cat "$NODES/list" ;;
  *custom-columns*) echo "bpc-etcd $2" ;;
esac
"""
_NOTHING = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'
_COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


@dataclass
class Node(Member):
    """A member of etcd on an address of its own, with the ports that kubeadm uses."""

    address: str = ""
    root: Path = Path()

    @property
    def client_url(self) -> str:
        """Return where clients connect."""
        return f"https://{self.address}:{CLIENT_PORT}"

    @property
    def peer_url(self) -> str:
        """Return where the other members connect."""
        return f"https://{self.address}:{PEER_PORT}"

    @property
    def manifests(self) -> Path:
        """Return the directory of the static pods."""
        return self.root / "etc" / "kubernetes" / "manifests"


class ControlPlane(EtcdCluster):
    """Stacked etcd on one node or three. `nodes` are its members as nodes.

    Only one at a time can be `local`: the ports of 127.0.0.1 exist once on this machine.
    """

    def __init__(
        self, *, members: Literal[1, 3] = 3, version: Version = "3.5", local: bool = False
    ) -> None:
        net = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}"
        addresses = [f"{net}.{index + 11}" for index in range(members)]
        super().__init__(members=members, version=version, hosts=tuple(addresses))
        self.local = local
        self.root = self.directory / "nodes"
        self.stubs = self.directory / "stubs"
        self.calls = self.directory / "calls"
        self.nodes: list[Node] = []
        for index, member in enumerate(self.members):
            root = self.root / addresses[index]
            node = Node(
                name=f"cp-{index + 1}",
                client_port=CLIENT_PORT,
                peer_port=PEER_PORT,
                data=root / "var" / "lib" / "etcd",
                log=member.log,
                address=addresses[index],
                root=root,
            )
            self.nodes.append(node)
            self._furnish(node)
        self.members = [*self.nodes]
        (self.root / "list").write_text("".join(f"{each}\n" for each in addresses))
        self._write_stubs()
        self._kubelet: threading.Thread | None = None
        self._stop = threading.Event()

    def launch(self, member: Member, flags: tuple[str, ...] = ()) -> None:  # type: ignore[override]
        """Start one member; if `local`, the first also listens where the jobs look for it."""
        urls = member.client_url
        if self.local and member is self.nodes[0]:
            urls += f",https://127.0.0.1:{CLIENT_PORT}"
        super().launch(member, (*flags, f"--listen-client-urls={urls}"))

    def start(self, data: object = None, flags: object = ()) -> None:  # noqa: ARG002 - the manifests say
        """Begin to do what the manifests say, and wait until etcd answers."""
        self._kubelet = threading.Thread(target=self._watch, daemon=True)
        self._kubelet.start()
        limit = time.monotonic() + 30
        while any(node.process is None for node in self.nodes) and time.monotonic() < limit:
            time.sleep(_POLL_SECONDS)
        for node in self.nodes:
            self.settle(node)

    def close(self) -> None:
        """Stop the kubelets and what they run."""
        self._stop.set()
        if self._kubelet is not None:
            self._kubelet.join(30)
        super().close()

    def destroy(self) -> None:
        """Lose the data of all members, as if every disk had died; the manifests remain."""
        for index, node in enumerate(self.nodes):
            self.kill(index)
            shutil.rmtree(node.data / "member")

    def workstation(self, home: Path, cluster: Path, script: str, given: str) -> str:
        """Run commands in the cluster's directory, with `ssh` to the nodes; return what they print."""
        path = [self.stubs / "workstation", *(tools.require(each).parent for each in ("restic",))]
        done = subprocess.run(
            ["bash", "-u", "-c", script],
            cwd=cluster,
            input=given,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
            env={
                "HOME": str(home),
                "PATH": ":".join([*map(str, path), "/usr/sbin:/usr/bin:/sbin:/bin"]),
                "NODES": str(self.root),
                "STUBS": str(self.stubs),
                "CALLS": str(self.calls),
            },
        )
        return done.stdout

    def _furnish(self, node: Node) -> None:
        pki = node.root / "etc" / "kubernetes" / "pki"
        node.manifests.mkdir(parents=True)
        for directory in ("root", "running", "var/lib/etcd"):
            (node.root / directory).mkdir(parents=True)
        (pki / "etcd").mkdir(parents=True)
        for name in ("ca.crt", "ca.key", *self.client.files):
            source = self.pki / name
            shutil.copy(source, pki / "etcd" / source.name)
            (pki / "etcd" / source.name).chmod(0o600)
        for name in ("ca.crt", "ca.key", "sa.key", "sa.pub", "front-proxy-ca.key"):
            (pki / name).write_text(f"{name} of {node.name}\n")
            (pki / name).chmod(0o600)
        text = f"    - --name={node.name}\n    - --data-dir=/var/lib/etcd\n    image: etcd\n"
        (node.manifests / "etcd.yaml").write_text(text)
        for name in _COMPONENTS:
            (node.manifests / f"{name}.yaml").write_text(f"    - {name}\n")

    def _write_stubs(self) -> None:
        texts = {
            "workstation/ssh": _SSH,
            "workstation/kubectl": _KUBECTL,
            "workstation/sleep": "#!/bin/sh\nexec /bin/sleep 0.1\n",
            "node/crictl": _CRICTL,
            "node/systemctl": _NOTHING,
            "node/sleep": "#!/bin/sh\nexec /bin/sleep 0.1\n",
        }
        for name, text in texts.items():
            path = self.stubs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    def _watch(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            for index, node in enumerate(self.nodes):
                self._reconcile(index, node)

    def _reconcile(self, index: int, node: Node) -> None:
        wanted = (node.manifests / "etcd.yaml").exists()
        if wanted and not node.alive and node.process is None:
            self.launch(node)
        elif not wanted and node.process is not None:
            self.stop_member(index)
            node.process = None
        for name in ("etcd", *_COMPONENTS):
            running = node.root / "running" / name
            here = node.alive if name == "etcd" else (node.manifests / f"{name}.yaml").exists()
            if here:
                running.touch()
            else:
                running.unlink(missing_ok=True)
