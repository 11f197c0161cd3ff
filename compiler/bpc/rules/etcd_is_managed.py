"""The provider runs the control plane, and nobody else can reach its etcd.

A job would fail every night, or save something else than it says. What the provider saves is not in your
control: say with `heldBy` where the promise can be read, so that the proof can name it. The resources and
the volumes of the cluster still need a backup of your own, with Velero or as resources.

Bad:

    kind: Cluster
    spec:
      controlPlane: {type: eks}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd}]

Good:

    kind: Cluster
    spec:
      controlPlane: {type: eks}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: state
          type: etcd
          heldBy: {who: provider, evidence: "EKS service level agreement"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.control_plane import Managed
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC735", "etcd-is-managed")
_COVERED = {
    "ack": "ACK saves the etcd of its managed clusters for itself, and restores it only for itself; its "
    "backup centre saves resources and volumes",
    "aks": "AKS saves its etcd for itself; Azure Backup for AKS saves resources and Azure Disk volumes, in "
    "some regions as snapshots only",
    "eks": "EKS saves its etcd for itself; AWS Backup for EKS saves resources and volumes, but neither "
    "images nor the network",
    "gke": "GKE saves its etcd for itself; Backup for GKE saves resources and volumes",
}


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find datasets of a state that only the provider can save."""
    control = plan.cluster.spec.control_plane
    if not isinstance(control, Managed):
        return
    for dataset in plan.datasets:
        if isinstance(dataset.spec, Etcd) and dataset.spec.held_by is None:
            yield Finding(
                CODE,
                f"the etcd of cluster `{plan.cluster.name}` cannot be reached: {_COVERED[control.type]}",
                dataset.where,
                related=((plan.cluster.where.at("spec", "controlPlane"), "the control plane"),),
                help="write `heldBy: {who: provider, evidence: …}` with the place where the promise can be "
                "read, and save resources and volumes with a dataset of type `namespaces`",
                subject=dataset.subject,
            )
