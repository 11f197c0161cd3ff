"""What control planes have in common for whoever saves them."""

from __future__ import annotations

from bpc.model.control_plane import Member
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import DatasetPlan, PolicyPlan

CLIENT_PORT = 2_379
PEER_PORT = 2_380
PKI = "/etc/kubernetes/pki/etcd"
CLIENT = {
    "ca.crt": "ca.crt",
    "tls.crt": "healthcheck-client.crt",
    "tls.key": "healthcheck-client.key",
}
"""The files of a client: their names in a Secret, and on a control-plane node that kubeadm set up."""
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


def etcd_datasets(plan: PolicyPlan) -> tuple[tuple[DatasetPlan, Etcd], ...]:
    """Return the datasets of a policy that are the state of the control plane, and nobody else's."""
    return tuple(
        (dataset, dataset.spec)
        for dataset in plan.datasets
        if isinstance(dataset.spec, Etcd) and dataset.spec.held_by is None
    )


def read_member(spec: Etcd, members: tuple[Member, ...]) -> Member:
    """Return the member that is read; a rule has stopped the build if there is none of that name."""
    return next((each for each in members if each.name == spec.member), members[0])


def url(address: str, port: int) -> str:
    """Return where a member answers."""
    return f"https://[{address}]:{port}" if ":" in address else f"https://{address}:{port}"


def initial_cluster(members: tuple[Member, ...]) -> str:
    """Return all members as `--initial-cluster` wants them."""
    return ",".join(f"{each.name}={url(each.address, PEER_PORT)}" for each in members)


def series(version: str) -> tuple[int, int]:
    """Return the first two numbers of a release of etcd."""
    first, second, *_ = version.split(".")
    return int(first), int(second)


def restorer(version: str) -> str:
    """Return the program of a release that restores snapshots: before 3.5 there was no `etcdutl`."""
    return "etcdctl" if series(version) < (3, 5) else "etcdutl"
