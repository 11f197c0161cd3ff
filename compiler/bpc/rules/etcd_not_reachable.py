"""Nothing says how the job gets at etcd.

External etcd answers only to a client with a certificate, and Talos only to one with the role
`os:etcd:backup`: name the Secret under `access`. A `member` has to be one of those that the cluster lists.

Bad:

    kind: Cluster
    spec:
      controlPlane: {type: talos, members: [{name: cp-1, address: 10.0.0.11}]}
      images:
        talosctl: "acme.example/talosctl:1@sha256:\
0000000000000000000000000000000000000000000000000000000000000000"
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd}]

Good:

    kind: Cluster
    spec:
      controlPlane: {type: talos, members: [{name: cp-1, address: 10.0.0.11}]}
      images:
        talosctl: "acme.example/talosctl:1@sha256:\
0000000000000000000000000000000000000000000000000000000000000000"
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd, access: talos-backup}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.control_plane import KubeadmExternalEtcd, Talos
from bpc.model.datasets.etcd import Etcd
from bpc.model.suggest import closest
from bpc.plan.estate import DatasetPlan, PolicyPlan

CODE = Code("BPC738", "etcd-not-reachable")
_KEYS = {
    "kubeadm-external-etcd": "`ca.crt`, `tls.crt` and `tls.key`",
    "talos": "`talosconfig`",
}


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look for the Secret, and for the member."""
    control = plan.cluster.spec.control_plane
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Etcd) or spec.held_by is not None:
            continue
        if isinstance(control, KubeadmExternalEtcd | Talos) and spec.access is None:
            yield Finding(
                CODE,
                f"nothing opens etcd to the job of `{dataset.subject}`",
                dataset.where,
                help=f"name a Secret with {_KEYS[control.type]} under `access`",
                subject=dataset.subject,
            )
        if spec.member is not None:
            members = getattr(control, "members", ())
            yield from _member(dataset, spec.member, [each.name for each in members])


def _member(dataset: DatasetPlan, name: str, known: list[str]) -> Iterator[Finding]:
    if name in known:
        return
    near = closest(name, known)
    yield Finding(
        CODE,
        f"`{dataset.subject}` is to be read from `{name}`, which is no member of the control plane",
        dataset.where / "member",
        help=f"did you mean `{near}`?"
        if near
        else "name a member that the cluster lists, or drop it",
        subject=dataset.subject,
    )
