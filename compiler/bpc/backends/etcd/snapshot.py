"""The pod that takes a snapshot of etcd, restores it to see that it can be, and stores it.

The images of etcd have no shell: each program is a container of its own, started as it is. A linearizable
read first shows that the member belongs to a majority and has caught up with it: what is saved after that is
no older than the moment of the read. (`endpoint health` would do the same, but since 3.5 it also fails while
the database is full, and then a backup is needed most.) Every attempt of a job is a new pod with empty
directories, so that nothing of a failed one is in the way.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpc.backends.etcd.control import (
    CLIENT,
    CLIENT_PORT,
    CONTROL_PLANE,
    PKI,
    read_member,
    restorer,
    url,
)
from bpc.jobs.workload import UNPRIVILEGED, Container, Mount, Workload
from bpc.model.control_plane import Kubeadm, KubeadmExternalEtcd, Talos
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image

PRIVILEGES = frozenset({"host-namespaces", "host-path", "run-as-non-root", "run-as-user"})
TOLERATIONS: tuple[dict[str, object], ...] = (
    {"key": CONTROL_PLANE, "operator": "Exists", "effect": "NoSchedule"},
)
SELECTOR = {CONTROL_PLANE: ""}
_TALOS_PORT = 50_000
_WORK = "/work"
_SNAPSHOT = f"{_WORK}/snapshot.db"
_TRIAL = f"{_WORK}/trial"
_ACCESS = "/access"
_DIAL = "10s"
_READ_LIMIT = "30s"
_LEAST_SECONDS = 60
# Etcd advises against more than 8 GiB.
_LARGEST = 8 * 2**30
_GIB = 2**30


def snapshot(plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd) -> Workload | None:
    """Return how the state is read; None where the control plane does it by itself."""
    match plan.cluster.spec.control_plane:
        case Kubeadm() as control:
            return _workload(
                plan,
                spec,
                _etcdctl(plan, dataset, f"https://127.0.0.1:{CLIENT_PORT}", control),
                access=[*_node_files()],
                privileges=PRIVILEGES,
                ports=(CLIENT_PORT,),
                release=control.etcd,
            )
        case KubeadmExternalEtcd() as control if spec.access is not None:
            address = url(read_member(spec, control.members).address, CLIENT_PORT)
            return _workload(
                plan,
                spec,
                _etcdctl(plan, dataset, address, control),
                access=[_secret(spec.access, *CLIENT)],
                ports=(CLIENT_PORT,),
                release=control.etcd,
            )
        case Talos() as control if spec.access is not None:
            return _workload(
                plan,
                spec,
                _talosctl(plan, read_member(spec, control.members).address),
                access=[_secret(spec.access, "talosconfig")],
                ports=(_TALOS_PORT,),
                release="",
            )
        case _:
            return None


def _workload(
    plan: PolicyPlan,
    spec: Etcd,
    before: tuple[Container, ...],
    *,
    access: list[Mount],
    ports: tuple[int, ...],
    release: str,
    privileges: frozenset[str] = frozenset(),
) -> Workload:
    user = 0 if privileges else UNPRIVILEGED
    # There has to be room for the snapshot, and for what a trial makes of it.
    room = 2 * (2 * (spec.size or 0) or _LARGEST) + _GIB
    work = Mount("work", _WORK, {"emptyDir": {"sizeLimit": f"{-(-room // 2**20)}Mi"}})
    return Workload(
        component="etcd",
        method="snapshot",
        script="etcd/scripts/snapshot.sh",
        libraries=("etcd/scripts/trailer.sh",),
        namespace=spec.namespace,
        image=image(plan.cluster.spec, "restic"),
        environment={"SNAPSHOT": _SNAPSHOT, "TRIAL": _TRIAL, "RELEASE": release},
        ports=ports,
        mounts=(work, *access),
        before=before,
        user=user,
        group=user,
        privileges=privileges,
        host_network=bool(privileges),
        # The whole state lies in the pod for a while: on a node that has it anyway.
        node_selector=SELECTOR,
        tolerations=TOLERATIONS,
    )


def _etcdctl(
    plan: PolicyPlan, dataset: DatasetPlan, endpoint: str, control: Kubeadm | KubeadmExternalEtcd
) -> tuple[Container, ...]:
    reference = image(plan.cluster.spec, "etcd", control.etcd)
    access = ("access",) if isinstance(control, KubeadmExternalEtcd) else (*_VOLUMES,)
    limit = max(_LEAST_SECONDS, dataset.run_limit // 2)
    reached = (
        f"--endpoints={endpoint}",
        f"--cacert={_ACCESS}/ca.crt",
        f"--cert={_ACCESS}/tls.crt",
        f"--key={_ACCESS}/tls.key",
        f"--dial-timeout={_DIAL}",
    )
    reading = (f"--command-timeout={_READ_LIMIT}", "get", "--consistency=l", "bpc")
    saving = (f"--command-timeout={limit}s", "snapshot", "save", _SNAPSHOT)
    return (
        Container("health", reference, ("etcdctl", *reached, *reading), mounts=access),
        Container("snapshot", reference, ("etcdctl", *reached, *saving), mounts=(*access, "work")),
        _trial(reference, restorer(control.etcd)),
    )


def _talosctl(plan: PolicyPlan, address: str) -> tuple[Container, ...]:
    command = (
        "/talosctl",
        f"--talosconfig={_ACCESS}/talosconfig",
        f"--endpoints={address}",
        f"--nodes={address}",
        "etcd",
        "snapshot",
        _SNAPSHOT,
    )
    reference = image(plan.cluster.spec, "talosctl")
    home = {"HOME": _WORK}
    return (
        Container("snapshot", reference, command, home, mounts=("access", "work")),
        # Talos does not say which etcd it runs; the newest reads what older ones have written.
        _trial(image(plan.cluster.spec, "etcd"), "etcdutl"),
    )


def _trial(reference: str, program: str) -> Container:
    command = (program, "snapshot", "restore", _SNAPSHOT, f"--data-dir={_TRIAL}")
    return Container("trial", reference, command, mounts=("work",))


_VOLUMES = {f"access-{name.replace('.', '-')}": name for name in CLIENT}


def _node_files() -> Iterable[Mount]:
    """Yield the three files of the node that open its etcd, each by itself."""
    for volume, name in _VOLUMES.items():
        source = {"hostPath": {"path": f"{PKI}/{CLIENT[name]}", "type": "File"}}
        yield Mount(volume, f"{_ACCESS}/{name}", source, read_only=True, private=True)


def _secret(secret: str, *keys: str) -> Mount:
    items = [{"key": key, "path": key} for key in keys]
    source = {"secret": {"secretName": secret, "defaultMode": 0o440, "items": items}}
    return Mount("access", _ACCESS, source, read_only=True, private=True)
