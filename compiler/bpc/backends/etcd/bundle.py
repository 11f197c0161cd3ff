"""The files of a control-plane node without which a snapshot of a kubeadm cluster is worth nothing.

They are a dataset of their own, with the times and locations of the snapshots, but with another password:
whoever can read the state of a cluster must not get its authorities with it.
"""

from __future__ import annotations

from dataclasses import replace

from bpc.backends.etcd.snapshot import SELECTOR, TOLERATIONS
from bpc.jobs.workload import Mount, Workload
from bpc.model.control_plane import Kubeadm, KubeadmExternalEtcd
from bpc.model.datasets.etcd import Bundle, Etcd
from bpc.plan import names
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan
from bpc.plan.images import image

PRIVILEGES = frozenset({"host-path", "run-as-non-root", "run-as-user"})
KUBERNETES = "/etc/kubernetes"
_NODE = "/node"


def bundled(plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd) -> DatasetPlan | None:
    """Return the dataset that the files are; None if there are none to save, or nobody said how."""
    kubeadm = isinstance(plan.cluster.spec.control_plane, Kubeadm | KubeadmExternalEtcd)
    if not kubeadm or spec.bundle is None:
        return None
    bundle = spec.bundle
    # No person can choose a name with two dashes in a row.
    name = names.join(dataset.name, "bundle", limit=names.LABEL_LIMIT)
    return replace(dataset, name=name, copies=tuple(_sealed(c, bundle) for c in dataset.copies))


def bundle_workload(plan: PolicyPlan, bundle: Bundle) -> Workload:
    """Return how the files are read."""
    directories = (KUBERNETES, *bundle.directories)
    mounts = tuple(
        Mount(
            f"node-{number}",
            f"{_NODE}{path}",
            {"hostPath": {"path": path, "type": "Directory"}},
            read_only=True,
        )
        for number, path in enumerate(directories)
    )
    return Workload(
        component="etcd",
        method="bundle",
        script="etcd/scripts/bundle.sh",
        namespace=bundle.namespace,
        image=image(plan.cluster.spec, "restic"),
        environment={"NODE": _NODE, "DIRECTORIES": " ".join(path[1:] for path in directories)},
        mounts=mounts,
        user=0,
        group=0,
        privileges=PRIVILEGES,
        node_selector=SELECTOR,
        tolerations=TOLERATIONS,
    )


def _sealed(copy: CopyPlan, bundle: Bundle) -> CopyPlan:
    spec = copy.location.spec.model_copy(update={"encryption": bundle.encryption})
    return replace(copy, location=replace(copy.location, spec=spec))
