"""The steps after the loss of a control plane, by what runs it."""

from __future__ import annotations

from bpc.backends.etcd.recovery.kops import kops
from bpc.backends.etcd.recovery.kubeadm import external, stacked
from bpc.backends.etcd.recovery.rancher import rancher
from bpc.backends.etcd.recovery.talos import talos
from bpc.model.control_plane import K3s, Kops, Kubeadm, KubeadmExternalEtcd, Rke2, Talos
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step


def after_control_plane_loss(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd
) -> tuple[Step, ...]:
    """Return the steps that bring a control plane back on its own nodes; none if nothing has saved it."""
    steps: tuple[Step, ...] = ()
    if not dataset.copies:
        return steps
    match plan.cluster.spec.control_plane:
        case Kubeadm() as control:
            steps = stacked(plan, dataset, spec, control)
        case KubeadmExternalEtcd() as control:
            steps = external(plan, dataset, spec, control)
        case K3s() | Rke2() as control:
            steps = rancher(plan, dataset, control)
        case Talos() as control:
            steps = talos(plan, dataset, spec, control)
        case Kops() as control:
            steps = kops(plan, control)
        case _:
            pass
    return steps


__all__ = ["after_control_plane_loss"]
