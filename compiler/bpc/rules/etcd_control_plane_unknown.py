"""Nothing says what runs the control plane, whose state a policy wants saved.

How etcd is saved, and even more how it is brought back, depends on it: kubeadm, k3s, RKE2, Talos, kOps and
the providers have nothing in common there. Say so under `controlPlane` of the cluster.

Bad:

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
      datasets: [{name: state, type: etcd}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC736", "etcd-control-plane-unknown")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find datasets of a control plane that nobody has described."""
    if plan.cluster.spec.control_plane is not None:
        return
    for dataset in plan.datasets:
        if isinstance(dataset.spec, Etcd) and dataset.spec.held_by is None:
            yield Finding(
                CODE,
                f"nothing says what runs the control plane of cluster `{plan.cluster.name}`, which "
                f"`{dataset.subject}` is to save",
                dataset.where,
                related=((plan.cluster.where / "spec", "the cluster"),),
                help="add `controlPlane` to the cluster: `type: kubeadm`, `k3s`, `rke2`, `talos`, `kops`, "
                "`ack`, `eks`, `gke` or `aks`",
                subject=dataset.subject,
            )
