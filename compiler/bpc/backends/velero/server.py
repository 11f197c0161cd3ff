"""The objects that a cluster has once: Velero's namespace, its settings, and its locations."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.velero.objects import cluster_writer, has, since
from bpc.model.location import AzureLocation, GcsLocation, OssLocation, S3Location
from bpc.model.release import Release
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, LocationPlan
from bpc.plan.velero_server import node_agent_config, provider
from bpc.render import Renderer, json_text

_COMPONENT = "velero"
_LEVELS = ("enforce", "audit", "warn")
# A limit that is missing makes Velero ignore the others, too; zero stands for none.
_MAINTENANCE_RESOURCES = {
    "cpuRequest": "100m",
    "cpuLimit": "0",
    "memoryRequest": "512Mi",
    "memoryLimit": "4Gi",
}
_KEPT_JOBS = 3
_CHECKSUM_SETTING = Release(1, 13)
_AZURE_IDENTITY = Release(1, 14)
_MORE_SETTINGS = Release(1, 16)
_CACHE_MIB = 2048


def server_objects(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the objects of a cluster on which Velero runs."""
    yield _namespace(plan, render)
    yield from _settings(plan, render)
    for location in plan.locations:
        name = provider(location)
        if name is not None:
            yield _location(plan, location, name, render)


def _namespace(plan: ClusterPlan, render: Renderer) -> Artifact:
    writer = cluster_writer(plan, render, plan.where, plan.name)
    # The node agents read the pods' volumes through the host's file system.
    level = "privileged" if plan.uses.node_agent else "baseline"
    security = {f"pod-security.kubernetes.io/{mode}": level for mode in _LEVELS}
    return writer.write(
        "Namespace",
        names.path(names.PREREQUISITES, "Namespace", plan.velero_namespace),
        {
            "name": plan.velero_namespace,
            "labels": names.labels(None, component=_COMPONENT) | security,
            "annotations": writer.annotations(names.keep()),
        },
    )


def _settings(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    if agent := node_agent_config(plan):
        yield _config(plan, render, names.NODE_AGENT_CONFIG, "node-agent.json", agent)
    if plan.uses.node_agent and has(plan, "maintenance-configmap"):
        jobs: dict[str, object] = {"podResources": _MAINTENANCE_RESOURCES}
        if since(plan, _MORE_SETTINGS):
            jobs["keepLatestMaintenanceJobs"] = _KEPT_JOBS
        yield _config(plan, render, names.MAINTENANCE_CONFIG, "global", jobs)
    if plan.uses.node_agent and has(plan, "backup-repository-configmap"):
        kopia: dict[str, object] = {"cacheLimitMB": _CACHE_MIB}
        if since(plan, _MORE_SETTINGS):
            kopia["fullMaintenanceInterval"] = "normalGC"
        yield _config(plan, render, names.REPOSITORY_CONFIG, "kopia", kopia)


def _config(
    plan: ClusterPlan, render: Renderer, name: str, key: str, content: dict[str, object]
) -> Artifact:
    # Before the operator: from 1.17 on, the server does not start without those that it was told of.
    writer = cluster_writer(plan, render, plan.where, plan.name)
    return writer.write(
        "ConfigMap",
        names.path(names.PREREQUISITES, "ConfigMap", name),
        {
            "name": name,
            "namespace": plan.velero_namespace,
            "labels": names.labels(None, component=_COMPONENT),
            "annotations": writer.annotations(),
            "key": key,
            "text": json_text(content),
        },
    )


def _location(
    plan: ClusterPlan, location: LocationPlan, provider_name: str, render: Renderer
) -> Artifact:
    writer = cluster_writer(plan, render, location.where, location.name)
    credentials = location.spec.credentials
    return writer.write(
        "BackupStorageLocation",
        names.path(names.STORAGE, "BackupStorageLocation", location.name),
        {
            "name": location.name,
            "namespace": plan.velero_namespace,
            "labels": names.labels(None, component=_COMPONENT),
            "annotations": writer.annotations(names.keep()),
            "provider": provider_name,
            "default": True if location.default and not location.read_only else None,
            "access_mode": "ReadOnly" if location.read_only else "ReadWrite",
            "bucket": getattr(location.spec, "bucket", None),
            "prefix": location.prefix,
            "credential": credentials and {"name": credentials.secret, "key": credentials.key},
            "config": _config_of(plan, location),
        },
    )


def _config_of(plan: ClusterPlan, location: LocationPlan) -> dict[str, str]:
    match location.spec:
        case S3Location() as spec:
            found = _s3(plan, spec)
        case OssLocation() as spec:
            found = _oss(plan, spec)
        case GcsLocation() as spec:
            found = {"kmsKeyName": spec.kms_key, "serviceAccount": spec.service_account}
        case AzureLocation() as spec:
            found = _azure(plan, spec)
        case _:
            found = {}
    return {key: value for key, value in found.items() if value is not None}


def _s3(plan: ClusterPlan, spec: S3Location) -> dict[str, str | None]:
    amazon = spec.endpoint is None
    return {
        "region": spec.site.region,
        "s3Url": spec.endpoint,
        "s3ForcePathStyle": None if amazon and not spec.path_style else _text(spec.path_style),
        "kmsKeyId": spec.kms_key,
        "checksumAlgorithm": None if spec.checksums else _no_checksums(plan),
    }


def _oss(plan: ClusterPlan, spec: OssLocation) -> dict[str, str | None]:
    network = "-internal" if spec.network == "internal" else ""
    return {
        "region": spec.site.region,
        "s3Url": f"https://s3.oss-{spec.site.region}{network}.aliyuncs.com",
        # OSS refuses requests that name the bucket in the path, and uploads with a checksum at their end.
        "s3ForcePathStyle": "false",
        "checksumAlgorithm": _no_checksums(plan),
    }


def _azure(plan: ClusterPlan, spec: AzureLocation) -> dict[str, str | None]:
    identity = spec.credentials is None and since(plan, _AZURE_IDENTITY)
    return {
        "storageAccount": spec.storage_account,
        "resourceGroup": spec.resource_group,
        "subscriptionId": spec.subscription,
        "useAAD": "true" if identity else None,
    }


def _no_checksums(plan: ClusterPlan) -> str | None:
    # The plugins of older releases send no checksums, and refuse the key as unknown.
    return "" if since(plan, _CHECKSUM_SETTING) else None


def _text(flag: bool) -> str:
    return "true" if flag else "false"
