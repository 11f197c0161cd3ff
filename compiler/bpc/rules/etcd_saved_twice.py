"""More than one dataset is the state of the same control plane.

A cluster has one state, one place for the settings of its servers, and one namespace for the job. Two
datasets would overwrite each other's. Give one dataset several copies instead.

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
      datasets: [{name: state, type: etcd}, {name: again, type: etcd}]

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
from fractions import Fraction

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import ClusterPlan, PolicyPlan

CODE = Code("BPC605", "etcd-saved-twice")


def load(plan: PolicyPlan) -> Fraction:
    """Return how many datasets of a policy are the state of the control plane."""
    return Fraction(
        sum(isinstance(each.spec, Etcd) and each.spec.held_by is None for each in plan.datasets)
    )


def check_load(plan: ClusterPlan, total: Fraction) -> Iterator[Finding]:
    """Find clusters whose state is saved more than once."""
    if total > 1:
        yield Finding(
            CODE,
            f"the state of cluster `{plan.name}` is saved by {total} datasets",
            plan.where / "spec",
            help="keep one of them, and give it the copies of the others",
            subject=plan.name,
        )
