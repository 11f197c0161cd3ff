"""A snapshot of etcd is to be made, but not what it is worth nothing without.

A snapshot holds neither the authorities of the cluster nor the keys that encrypt its Secrets. For kubeadm a
`bundle` saves them, encrypted with another password than the snapshots: whoever can read the state must not
get the authorities with it. For k3s and RKE2 it is the server token, which has to be named as a key. Each of
these keys must also be kept outside of the cluster, or it dies with what it is to bring back.

Bad:

    kind: Cluster
    spec:
      controlPlane:
        type: kubeadm
        etcd: "3.5.24"
        members: [{name: cp-1, address: 10.0.0.11}]
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd}]

Good:

    kind: Cluster
    spec:
      controlPlane:
        type: kubeadm
        etcd: "3.5.24"
        members: [{name: cp-1, address: 10.0.0.11}]
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: state
          type: etcd
          bundle: {encryption: {secret: bundle-key}, key: bundle-in-the-safe}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.control_plane import K3s, Kubeadm, KubeadmExternalEtcd, Rke2
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import DatasetPlan, PolicyPlan

CODE = Code("BPC737", "etcd-keys-missing")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look for what each dataset of a control plane's state needs beside itself."""
    control = plan.cluster.spec.control_plane
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Etcd) or spec.held_by is not None:
            continue
        if isinstance(control, K3s | Rke2) and control.token is None:
            yield Finding(
                CODE,
                f"without the server token of cluster `{plan.cluster.name}` no snapshot of it can be "
                "restored",
                plan.cluster.where.at("spec", "controlPlane"),
                related=((dataset.where, "what is saved"),),
                help="keep the token outside of the cluster, and name that key: `token: "
                "k3s-token-in-the-safe`",
                subject=dataset.subject,
            )
        if isinstance(control, Kubeadm | KubeadmExternalEtcd):
            yield from _bundle(dataset, spec)


def _bundle(dataset: DatasetPlan, spec: Etcd) -> Iterator[Finding]:
    if spec.bundle is None:
        yield Finding(
            CODE,
            f"`{dataset.subject}` does not save the authorities and encryption keys without which its "
            "snapshots cannot be used",
            dataset.where,
            help="add `bundle: {encryption: {secret: bundle-key}, key: …}`; the key names where the "
            "password is kept outside of the cluster",
            subject=dataset.subject,
        )
        return
    where = dataset.where.at("bundle", "encryption")
    for copy in dataset.copies:
        if copy.location.spec.encryption == spec.bundle.encryption:
            yield Finding(
                CODE,
                f"the bundle of `{dataset.subject}` has the same password as the snapshots at "
                f"`{copy.location.name}`",
                where,
                related=(
                    (copy.location.where.at("spec", "encryption"), "the snapshots' password"),
                ),
                help="name a Secret with a password of its own",
                subject=dataset.subject,
            )
        if copy.location.spec.key == spec.bundle.key:
            yield Finding(
                CODE,
                f"the password of the bundle of `{dataset.subject}` is kept as the same key, "
                f"`{spec.bundle.key}`, as that of the snapshots",
                dataset.where.at("bundle", "key"),
                related=((copy.location.where.at("spec", "key"), "the snapshots' key"),),
                help="keep it as a key of its own",
                subject=dataset.subject,
            )
