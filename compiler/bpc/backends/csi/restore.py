"""What brings claims back beside the live ones. Nothing applies these objects by itself."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.csi.objects import COMPONENT, cut, dataset_writer, rule, variables
from bpc.jobs.writer import Writer
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.render import Renderer

_SCRIPT = "csi/scripts/restore.sh"
_TAKE_OVER = "csi/scripts/take-over.sh"
_SUFFIX = "restore"
_SHORTEST = 600
POINT = "point"
"""The key of the ConfigMap through which a runbook names an older point, as a moment in UTC."""
TAKE_OVER = "take-over.sh"
"""The script that a person runs on a new cluster for each snapshot that outlived the old one."""


def restore_name(dataset: DatasetPlan) -> str:
    """Return the name of the Job and of everything that it needs."""
    return names.join(dataset.policy, dataset.name, _SUFFIX, limit=names.CRONJOB_LIMIT)


def point_name(dataset: DatasetPlan) -> str:
    """Return the name of the ConfigMap that may name an older point."""
    return names.join(dataset.policy, dataset.name, POINT, limit=names.LABEL_LIMIT)


def restore_objects(plan: PolicyPlan, dataset: DatasetPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the Job and what it needs, with a list of their own for `kubectl apply -k`."""
    spec = cut(dataset)
    if spec is None:
        return
    writer = dataset_writer(dataset, render)
    directory = names.restore_directory(plan.name, dataset.name)
    name = restore_name(dataset)
    common: dict[str, object] = {
        "name": name,
        "namespace": spec.claims.namespace,
        "labels": names.labels(plan.name, dataset.name, component=COMPONENT),
    }
    made = [
        _write(writer, "ServiceAccount", directory, common),
        _write(writer, "Role", directory, common | {"rules": _rules(spec)}),
        _write(writer, "RoleBinding", directory, common | {"holder": spec.claims.namespace}),
        writer.write(
            "ConfigMap",
            f"{directory}/configmap.yaml",
            common | {"path": _SCRIPT, "library": None},
            annotations=names.FLUX_NO_SUBSTITUTION,
            applied=False,
        ),
        _write(writer, "Job", directory, common | {"job": _job(writer, plan, dataset, spec)}),
    ]
    yield from made
    yield _take_over(writer, dataset, directory)
    yield writer.list(directory, [each.path.rpartition("/")[2] for each in made])


def _write(writer: Writer, kind: str, directory: str, context: dict[str, object]) -> Artifact:
    return writer.write(kind, f"{directory}/{kind.lower()}.yaml", context, applied=False)


def _rules(spec: Volumes) -> list[dict[str, list[str]]]:
    rules = [
        rule("snapshot.storage.k8s.io", "volumesnapshots", "get", "list"),
        rule("", "persistentvolumeclaims", "get", "list", "create"),
        rule("", "events", "get", "list"),
    ]
    if spec.together:
        rules.append(rule("groupsnapshot.storage.k8s.io", "volumegroupsnapshots", "get", "list"))
    return rules


def _job(writer: Writer, plan: PolicyPlan, dataset: DatasetPlan, spec: Volumes) -> object:
    name = restore_name(dataset)
    deadline = max(_SHORTEST, dataset.run_limit)
    values = {
        "NAMESPACE": spec.claims.namespace,
        "CLAIMS": "\n".join(spec.claims.names),
        "POLICY": plan.name,
        "DATASET": dataset.name,
        "STORAGE_CLASS": dataset.storage.name if dataset.storage is not None else "",
        "TOGETHER": "true" if spec.together else "false",
        "WAIT_SECONDS": str(deadline // 2),
    }
    older = {"configMapKeyRef": {"name": point_name(dataset), "key": POINT, "optional": True}}
    return writer.render.manifest(
        "csi/job-spec.yaml.j2",
        backoff=0,
        deadline=deadline,
        labels=names.labels(plan.name, dataset.name, component=COMPONENT),
        account=name,
        scripts=name,
        container=_SUFFIX,
        image=image(plan.cluster.spec, "kubectl"),
        env=[*variables(values), {"name": "POINT", "valueFrom": older}],
    ).data


def _take_over(writer: Writer, dataset: DatasetPlan, directory: str) -> Artifact:
    return Artifact(
        path=f"{directory}/{TAKE_OVER}",
        content=writer.render.script(_TAKE_OVER),
        template=_TAKE_OVER,
        where=dataset.where,
        owner=dataset.policy,
        applied=False,
    )
