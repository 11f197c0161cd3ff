"""etcd: the state of the control plane, by what runs it."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.etcd import fetch
from bpc.backends.etcd.bundle import bundle_workload, bundled
from bpc.backends.etcd.control import etcd_datasets
from bpc.backends.etcd.hosts import host_file
from bpc.backends.etcd.recovery import after_control_plane_loss
from bpc.backends.etcd.snapshot import snapshot
from bpc.jobs.objects import applied
from bpc.jobs.workload import Workload
from bpc.jobs.writer import dataset_writer
from bpc.model.datasets.etcd import Etcd
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import Renderer

NAME = "etcd"
DATASETS: tuple[str, ...] = ("etcd",)


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: a cluster has one dataset of its state, and all belongs to it."""
    yield from ()


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the jobs of one policy or the settings of its hosts, and what fetches a point."""
    for dataset, spec in etcd_datasets(plan):
        settings = host_file(plan, dataset, spec)
        if settings is not None:
            yield settings
        workload = snapshot(plan, dataset, spec)
        if workload is None:
            continue
        yield from fetch.scripts(dataset, render)
        yield from fetch.settings(plan, dataset, dataset, "snapshot")
        workloads = [(dataset, workload)]
        files = bundled(plan, dataset, spec)
        if files is not None and spec.bundle is not None:
            yield from fetch.settings(plan, dataset, files, "bundle")
            workloads.append((files, bundle_workload(plan, spec.bundle)))
        yield from _namespaces(plan, dataset, [each for _, each in workloads], render)
        for stored, each in workloads:
            yield from applied(plan, stored, each, render)


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: the control plane is brought back with its dataset."""
    return ()


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that bring the control plane back on its own nodes."""
    spec = dataset.spec
    if scenario != "control-plane-loss" or not isinstance(spec, Etcd) or spec.held_by is not None:
        return ()
    return after_control_plane_loss(plan, dataset, spec)


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing."""
    return ()


def _namespaces(
    plan: PolicyPlan, dataset: DatasetPlan, workloads: list[Workload], render: Renderer
) -> Iterator[Artifact]:
    """Yield the namespaces of the jobs; each takes only what its job needs."""
    privileged: dict[str, bool] = {}
    for each in workloads:
        privileged[each.namespace] = privileged.get(each.namespace, False) or bool(each.privileges)
    release = f"v{plan.cluster.kubernetes.series}"
    for namespace, needed in privileged.items():
        level = "privileged" if needed else "restricted"
        security = {
            f"pod-security.kubernetes.io/{mode}{suffix}": value
            for mode in ("enforce", "audit", "warn")
            for suffix, value in (("", level), ("-version", release))
        }
        yield dataset_writer(dataset, render).write(
            "Namespace",
            names.path(names.PREREQUISITES, "Namespace", namespace, policy=plan.name),
            {
                "name": namespace,
                "labels": names.labels(plan.name, dataset.name, component=NAME) | security,
            },
            annotations=names.keep(),
        )
