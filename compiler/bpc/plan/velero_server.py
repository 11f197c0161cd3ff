"""How Velero's own server is installed on a cluster: the values for its Helm chart.

The chart installs the server and nothing else. Locations and Schedules are plain objects of the tree:
those that the chart makes carry its release in their names, and its version in the labels of each Backup.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpc.model.chart_keys import owned_values, unknown_values
from bpc.model.location import AzureLocation, GcsLocation, OssLocation, S3Location
from bpc.model.release import Release
from bpc.model.releases import FEATURES, VELERO, VeleroSeries, first_release
from bpc.plan import names
from bpc.plan.chart_values import merged, without
from bpc.plan.estate import ClusterPlan, LocationPlan
from bpc.plan.images import pinned

_Values = dict[str, object]

_PLUGINS = {
    "aws": "velero-plugin-for-aws",
    "gcp": "velero-plugin-for-gcp",
    "azure": "velero-plugin-for-microsoft-azure",
}
_CSI_PLUGIN = "velero-plugin-for-csi"
# 1.9.0 and 1.9.1 refuse the key that turns checksums off. Later ones stay at their first patch release:
# 1.14.1 to 1.14.3 send checksums with each part of an upload even where they are turned off.
_PATCHES = {("velero-plugin-for-aws", "1.9.0"): "1.9.2"}

_CONTAINER_SECURITY: _Values = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
}
_POD_SECURITY: _Values = {"seccompProfile": {"type": "RuntimeDefault"}}

# The image that charts before 12 take kubectl from was moved here, and gets no newer tags.
_OLD_KUBECTL = "docker.io/bitnamilegacy/kubectl"
_NEWEST_OLD_KUBECTL = Release(1, 33)
_CHART_WITH_OWN_KUBECTL = 12

_UNBOUNDED = "0"
_WORKLOAD_IDENTITY = {"azure.workload.identity/use": "true"}


def series(plan: ClusterPlan) -> VeleroSeries | None:
    """Return what goes with the cluster's Velero; None where it runs none that is known."""
    return None if plan.velero is None else VELERO.get(plan.velero.series)


def chart_version(plan: ClusterPlan) -> str:
    """Return the release of the chart that installs the cluster's Velero; ValueError where none does."""
    return _series(plan).chart


def installed(plan: ClusterPlan) -> Release:
    """Return the exact release that the chart installs here: its own where only a series is asked for."""
    written = plan.spec.addons.velero or ""
    exact = written.count(".") == 2  # noqa: PLR2004 x.y.z
    return Release.parse(written if exact else _series(plan).chart_app)


def provider(location: LocationPlan) -> str | None:
    """Return the name by which Velero knows a kind of object store; None for other kinds of location.

    Its repositories know `aws`, `gcp` and `azure` only, so OSS is reached through its S3 interface.
    """
    match location.spec:
        case S3Location() | OssLocation():
            return "aws"
        case GcsLocation():
            return "gcp"
        case AzureLocation():
            return "azure"
        case _:
            return None


def node_agent_config(plan: ClusterPlan) -> _Values:
    """Return the settings of the node agents that the cluster's Velero understands; often none."""
    agent = plan.spec.velero.node_agent
    resources = {
        "cpuRequest": agent.cpu_request,
        "memoryRequest": agent.memory_request,
        "cpuLimit": agent.cpu_limit,
        "memoryLimit": agent.memory_limit,
    }
    found: _Values = {}
    if agent.load_concurrency is not None:
        found["loadConcurrency"] = {"globalConfig": agent.load_concurrency}
    if any(resources.values()):
        # One that is missing makes Velero ignore them all.
        found["podResources"] = {key: value or _UNBOUNDED for key, value in resources.items()}
    return {
        key: value for key, value in found.items() if plan.uses.node_agent and _reads(plan, key)
    }


def velero_values(plan: ClusterPlan) -> _Values:
    """Return the values for the chart, with those of the cluster's `velero.values` merged in last.

    Raises ValueError where the cluster runs no known Velero.
    """
    chart = chart_version(plan)
    ours, theirs = _server(plan), plan.spec.velero.values
    # An older chart lacks some of ours, and would take them without a word.
    ours = without(ours, unknown_values(chart, ours))
    return merged(ours, without(theirs, owned_values(theirs)))


def _series(plan: ClusterPlan) -> VeleroSeries:
    found = series(plan)
    if found is None:
        raise ValueError(f"cluster `{plan.name}` runs no known release of Velero")
    return found


def _has(plan: ClusterPlan, feature: str) -> bool:
    return plan.velero is not None and FEATURES[feature].available(plan.velero)


def _reads(plan: ClusterPlan, key: str) -> bool:
    first = first_release("NodeAgentConfig", (key,))
    return first is not None and plan.velero is not None and Release.parse(first) <= plan.velero


def _server(plan: ClusterPlan) -> _Values:
    prometheus = plan.spec.addons.prometheus_operator is not None
    identity = _WORKLOAD_IDENTITY if _azure_identity(plan) else None
    values: _Values = {
        "image": _image(plan),
        "initContainers": _init_containers(plan),
        "resources": _resources("250m", "256Mi", _server_memory(plan)),
        "podLabels": identity,
        "podSecurityContext": _POD_SECURITY,
        "containerSecurityContext": _CONTAINER_SECURITY,
        "serviceAccount": {"server": _service_account(plan)},
        "credentials": {"useSecret": False},
        "backupsEnabled": False,
        "snapshotsEnabled": False,
        "configuration": _configuration(plan),
        "deployNodeAgent": plan.uses.node_agent,
        "nodeAgent": _node_agent(plan, identity) if plan.uses.node_agent else None,
        "metrics": {
            "enabled": True,
            "serviceMonitor": {"enabled": prometheus},
            "nodeAgentPodMonitor": {"enabled": prometheus and plan.uses.node_agent},
        },
        "cleanUpCRDs": False,
        "upgradeCRDs": True,
        "upgradeJobResources": _resources("50m", "128Mi", "256Mi"),
        "kubectl": _kubectl(plan),
    }
    return {key: value for key, value in values.items() if value is not None}


def _image(plan: ClusterPlan) -> _Values:
    release = str(installed(plan))
    reference = _reference(plan, "velero", release)
    name, _, digest = reference.partition("@")
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, f"v{release}"
    image: _Values = {"repository": repository, "tag": tag}
    return image | ({"digest": digest} if digest else {})


def _reference(plan: ClusterPlan, name: str, release: str) -> str:
    return plan.spec.images.get(name) or pinned(f"docker.io/velero/{name}:v{release}")


def _init_containers(plan: ClusterPlan) -> list[object]:
    own = _series(plan)
    wanted = {provider(location) for location in plan.locations}
    plugins = [(plugin, own.plugin) for name, plugin in _PLUGINS.items() if name in wanted]
    if own.csi_plugin is not None and _csi(plan):
        plugins.append((_CSI_PLUGIN, own.csi_plugin))
    return [
        {
            "name": plugin,
            "image": _reference(plan, plugin, _PATCHES.get((plugin, release), release)),
            "imagePullPolicy": "IfNotPresent",
            "resources": _resources("10m", "32Mi", "128Mi"),
            "securityContext": _CONTAINER_SECURITY,
            "volumeMounts": [{"name": "plugins", "mountPath": "/target"}],
        }
        for plugin, release in plugins
    ]


def _csi(plan: ClusterPlan) -> bool:
    return plan.uses.move or plan.uses.snapshot


def _azure_identity(plan: ClusterPlan) -> bool:
    return any(
        isinstance(location.spec, AzureLocation) and location.spec.credentials is None
        for location in plan.locations
    )


def _service_account(plan: ClusterPlan) -> _Values:
    annotations = plan.spec.velero.service_account_annotations
    return {"create": True} | ({"annotations": dict(annotations)} if annotations else {})


def _configuration(plan: ClusterPlan) -> _Values:
    default = next((location for location in plan.locations if location.default), None)
    values: _Values = {
        # Charts before 4 install nothing at all without it.
        "provider": default and provider(default),
        "uploaderType": "kopia",
        "features": "EnableCSI" if _csi(plan) else None,
        "garbageCollectionFrequency": "1h",
        "extraArgs": _server_flags(plan) or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _server_flags(plan: ClusterPlan) -> list[str]:
    flags = []
    if plan.uses.node_agent and _has(plan, "backup-repository-configmap"):
        flags.append(f"--backup-repository-configmap={names.REPOSITORY_CONFIG}")
    if plan.uses.node_agent and _has(plan, "maintenance-configmap"):
        # The chart passes a name of its own before this one; the last one counts.
        flags.append(f"--repo-maintenance-job-configmap={names.MAINTENANCE_CONFIG}")
    concurrent = plan.spec.velero.concurrent_backups
    if concurrent > 1 and _has(plan, "concurrent-backups"):
        flags.append(f"--concurrent-backups={concurrent}")
    return flags


def _node_agent(plan: ClusterPlan, identity: Mapping[str, str] | None) -> _Values:
    flagged = node_agent_config(plan) and _has(plan, "node-agent-configmap-flag")
    values: _Values = {
        "resources": _resources("250m", "512Mi", "2Gi"),
        "podLabels": identity,
        "extraArgs": [f"--node-agent-configmap={names.NODE_AGENT_CONFIG}"] if flagged else None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _server_memory(plan: ClusterPlan) -> str:
    # Before it ran in jobs of its own, the server itself maintained the repositories.
    return "1Gi" if _has(plan, "maintenance-jobs") else "2Gi"


def _kubectl(plan: ClusterPlan) -> _Values:
    values: _Values = {"resources": _resources("50m", "64Mi", "256Mi")}
    if int(chart_version(plan).partition(".")[0]) < _CHART_WITH_OWN_KUBECTL:
        tag = min(plan.kubernetes, _NEWEST_OLD_KUBECTL).series
        values["image"] = {"repository": _OLD_KUBECTL, "tag": tag}
    return values


def _resources(cpu: str, memory: str, most_memory: str) -> _Values:
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": most_memory}}
