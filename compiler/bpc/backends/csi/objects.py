"""What the objects of this back end have in common."""

from __future__ import annotations

from collections.abc import Mapping

from bpc.jobs import writer
from bpc.jobs.writer import Writer
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.estate import ClusterPlan, DatasetPlan
from bpc.render import Renderer

COMPONENT = "csi"
_SHARED = frozenset(
    {
        "ClusterRoleBinding",
        "CronJob",
        "Job",
        "NetworkPolicy",
        "Role",
        "RoleBinding",
        "ServiceAccount",
    }
)


def cluster_writer(plan: ClusterPlan, render: Renderer) -> Writer:
    """Return the writer of what exists once for a cluster."""
    return writer.cluster_writer(plan, render, COMPONENT, _SHARED)


def dataset_writer(dataset: DatasetPlan, render: Renderer) -> Writer:
    """Return the writer of what belongs to a dataset."""
    return writer.dataset_writer(dataset, render, COMPONENT, _SHARED)


def cut(dataset: DatasetPlan) -> Volumes | None:
    """Return what the policy says of a dataset whose volumes are cut here; None for any other."""
    spec = dataset.spec
    if not isinstance(spec, Volumes) or spec.held_by is not None or dataset.storage is None:
        return None
    return spec


def selector_of(spec: Volumes) -> str:
    """Return the label selector of the claims, as kubectl takes it; empty if they are named."""
    return ",".join(f"{key}={value}" for key, value in sorted(spec.claims.match_labels.items()))


def class_of(dataset: DatasetPlan, spec: Volumes) -> str:
    """Return the name of the snapshot class that a dataset uses."""
    driver = dataset.storage.driver if dataset.storage is not None else ""
    return (
        names.deleting_class(driver) if spec.deletion == "delete" else names.snapshot_class(driver)
    )


def rule(group: str, resource: str, *verbs: str) -> dict[str, list[str]]:
    """Return one rule of a Role."""
    return {"apiGroups": [group], "resources": [resource], "verbs": [*verbs]}


def variables(values: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the environment of a container; kubectl keeps what it learns of the API below its HOME."""
    return [{"name": key, "value": value} for key, value in {"HOME": "/tmp", **values}.items()]  # noqa: S108 - a volume
