"""The values that Velero's Helm chart reads, by the major release of the chart.

Helm takes misspelt and outdated values without a word, and the chart's own schema is not closed, so a
value counts as known only if the chart's defaults hold it or one of its templates reads it. The paths
below end where the chart takes whatever it is given, such as at `resources`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from bpc.diagnostics import Pointer

_COMMON = "affinity annotations labels nodeSelector priorityClassName resources tolerations"
_MORE = "containerSecurityContext dnsConfig dnsPolicy extraVolumeMounts extraVolumes lifecycle"
_KUBECTL = "image.digest image.repository image.tag annotations labels resources"
_MONITOR = "additionalLabels annotations autodetect enabled namespace scheme tlsConfig"
_JOB = "configuration.repositoryMaintenanceJob"


def _under(parent: str, names: str) -> str:
    return " ".join(f"{parent}.{name}" for name in names.split())


_SETTINGS = """
    backupSyncPeriod clientBurst clientPageSize clientQPS defaultBackupStorageLocation
    defaultBackupTTL defaultRepoMaintainFrequency defaultVolumeSnapshotLocations
    defaultVolumesToFsBackup disableControllers extraEnvVars features fsBackupTimeout
    garbageCollectionFrequency logFormat logLevel metricsAddress namespace pluginDir profilerAddress
    restoreOnlyMode restoreResourcePriorities storeValidationFrequency terminatingResourceTimeout
    uploaderType
"""
_LOCATION = "accessMode bucket caCert config default name prefix provider"
_LOCATION_MAP = f"""
    configuration.provider {_under("configuration.backupStorageLocation", _LOCATION)}
    {_under("configuration.volumeSnapshotLocation", "config name provider")}
"""
_ADDED: Mapping[int, str] = {
    3: f"""
        {_COMMON} {_MORE} {_LOCATION_MAP} {_under("configuration", _SETTINGS)}
        backupsEnabled cleanUpCRDs configMaps deployNodeAgent extraObjects fullnameOverride
        image.digest image.imagePullSecrets image.pullPolicy image.repository image.tag
        initContainers nameOverride podAnnotations podLabels podSecurityContext schedules
        securityContext snapshotsEnabled terminationGracePeriodSeconds upgradeCRDs
        {_under("credentials", "existingSecret extraEnvVars extraSecretRef name secretContents")}
        credentials.useSecret {_under("kubectl", f"{_KUBECTL} containerSecurityContext")}
        {_under("metrics", "enabled podAnnotations scrapeInterval scrapeTimeout")}
        {_under("metrics.service", "annotations labels")}
        {_under("metrics.prometheusRule", "additionalLabels enabled namespace spec")}
        {_under("metrics.serviceMonitor", _MONITOR)}
        {_under("metrics.nodeAgentPodMonitor", _MONITOR)}
        {_under("nodeAgent", f"{_COMMON} {_MORE} extraEnvVars podSecurityContext podVolumePath")}
        {_under("nodeAgent", "privileged securityContext useScratchEmptyDir")}
        {_under("rbac", "clusterAdministrator clusterAdministratorName create")}
        {_under("serviceAccount.server", "annotations create labels name")}
    """,
    4: f"""
        configuration.backupStorageLocation configuration.volumeSnapshotLocation helmHookAnnotations
        livenessProbe readinessProbe revisionHistoryLimit metrics.prometheusRule.autodetect
        {_under("metrics.serviceMonitor", "metricRelabelings relabelings")}
    """,
    5: f"""
        {_under("configuration", "defaultItemOperationTimeout defaultSnapshotMoveData")}
        {_under("upgradeCRDsJob", "extraEnvVars extraVolumeMounts extraVolumes")}
        namespace.labels secretAnnotations upgradeJobResources
    """,
    6: f"""
        {_under("configuration", "disableInformerCache extraArgs")}
        serviceAccount.server.imagePullSecrets
    """,
    7: f"{_under(_JOB, 'latestJobsCount limits requests')} nodeAgent.extraArgs",
    8: f"{_under('nodeAgent', 'pluginVolumePath podLabels updateStrategy')} runtimeClassName",
    9: f"""
        {_under("configuration", "dataMoverPrepareTimeout itemBlockWorkerCount")}
        {_under("kubectl", "extraVolumeMounts extraVolumes")} nodeAgent.runtimeClassName
        serviceAccount.server.automountServiceAccountToken
        {_under("upgradeCRDsJob", "automountServiceAccountToken shellCmd updateCmd")}
    """,
    10: f"""
        {_under(f"{_JOB}.repositoryConfigData", "global name repositories")}
        {_under("metrics.service", "externalTrafficPolicy internalTrafficPolicy ipFamilies")}
        {_under("metrics.service", "ipFamilyPolicy nodePort type")}
        hostAliases resizePolicy {_under("nodeAgent", "hostAliases resizePolicy")}
    """,
    11: f"""
        {_under("metrics.nodeAgentPodMonitor", "metricRelabelings relabelings")}
        nodeAgent.disableHostPath
    """,
    12: f"""
        {_under("podDisruptionBudget", "annotations enabled labels maxUnavailable minAvailable")}
        podDisruptionBudget.unhealthyPodEvictionPolicy
    """,
}
_DROPPED: Mapping[int, str] = {
    4: _LOCATION_MAP,
    5: "helmHookAnnotations",
    6: "nodeAgent.privileged",
    11: _under(_JOB, "latestJobsCount limits requests"),
    12: _under("upgradeCRDsJob", "shellCmd updateCmd"),
}

_OWNED = """
    backupsEnabled cleanUpCRDs configuration.backupStorageLocation configuration.namespace
    configuration.provider configuration.uploaderType configuration.volumeSnapshotLocation
    deployNodeAgent schedules snapshotsEnabled
"""
_LIST = "a list of `name` and `value`"
_RENAMED: Mapping[str, tuple[str, str]] = {
    "deployRestic": ("deployNodeAgent", "3.0.0"),
    "restic": ("nodeAgent", "3.0.0"),
    "resticTimeout": ("configuration.fsBackupTimeout", "3.0.0"),
    "defaultVolumesToRestic": ("configuration.defaultVolumesToFsBackup", "3.0.0"),
    "defaultResticPruneFrequency": ("configuration.defaultRepoMaintainFrequency", "3.0.0"),
    "configuration.resticTimeout": ("configuration.fsBackupTimeout", "3.0.0"),
    "configuration.defaultVolumesToRestic": ("configuration.defaultVolumesToFsBackup", "3.0.0"),
    "configuration.defaultResticPruneFrequency": (
        "configuration.defaultRepoMaintainFrequency",
        "3.0.0",
    ),
    "configuration.provider": ("configuration.backupStorageLocation[0].provider", "4.0.0"),
    "nodeAgent.privileged": ("nodeAgent.containerSecurityContext.privileged", "6.0.0"),
    f"{_JOB}.latestJobsCount": (
        f"{_JOB}.repositoryConfigData.global.keepLatestMaintenanceJobs",
        "11.0.0",
    ),
    f"{_JOB}.limits": (f"{_JOB}.repositoryConfigData.global.podResources", "11.0.0"),
    f"{_JOB}.requests": (f"{_JOB}.repositoryConfigData.global.podResources", "11.0.0"),
}
_RESHAPED: Mapping[str, tuple[str, str]] = {
    "configuration.backupStorageLocation": ("configuration.backupStorageLocation[0]", "4.0.0"),
    "configuration.volumeSnapshotLocation": ("configuration.volumeSnapshotLocation[0]", "4.0.0"),
    "configuration.extraEnvVars": (_LIST, "9.1.3"),
    "nodeAgent.extraEnvVars": (_LIST, "9.1.3"),
    "upgradeCRDsJob.extraEnvVars": (_LIST, "9.1.3"),
}


class Outdated(NamedTuple):
    """A value of the past: where it stands, what takes its place, and since which chart."""

    path: Pointer
    modern: str
    since: str


def unknown_values(chart: str, values: Mapping[str, object]) -> list[Pointer]:
    """Return the paths that a release of the chart never reads, each at the first key that it lacks.

    Text or a list where the chart reads a mapping counts as never read, too.
    """
    return list(_unknown(_keys(int(chart.partition(".")[0])), values, ()))


def outdated_values(values: Mapping[str, object]) -> list[Outdated]:
    """Return the values that older charts read, in the order of the charts that dropped them."""
    found = [
        Outdated(_path(old), modern, since)
        for old, (modern, since) in _RENAMED.items()
        if _at(values, _path(old)) is not None
    ]
    found += [
        Outdated(_path(old), modern, since)
        for old, (modern, since) in _RESHAPED.items()
        if isinstance(_at(values, _path(old)), Mapping)
    ]
    if _at(values, ("configuration", "uploaderType")) == "restic":
        found.append(Outdated(("configuration", "uploaderType"), "`kopia`", "11.0.0"))
    found += _csi_plugins(values)
    return sorted(found, key=lambda outdated: int(outdated.since.partition(".")[0]))


def owned_values(values: Mapping[str, object]) -> list[Pointer]:
    """Return the paths among `values` that the compiler decides, so that a person's have no effect."""
    return [path for path in map(_path, _OWNED.split()) if _at(values, path) is not None]


@cache
def _keys(major: int) -> frozenset[Pointer]:
    found: set[str] = set()
    for release, added in _ADDED.items():
        if release <= major:
            found -= set(_DROPPED.get(release, "").split())
            found |= set(added.split())
    return frozenset(map(_path, found))


def _unknown(
    keys: frozenset[Pointer], values: Mapping[str, object], above: Pointer
) -> Iterator[Pointer]:
    for name, value in values.items():
        path = (*above, name)
        if path in keys:
            continue
        if not any(known[: len(path)] == path for known in keys):
            yield path
        elif isinstance(value, Mapping):
            yield from _unknown(keys, value, path)
        elif value is not None:
            yield path


def _csi_plugins(values: Mapping[str, object]) -> Iterator[Outdated]:
    containers = values.get("initContainers")
    for index, container in enumerate(containers if isinstance(containers, list | tuple) else ()):
        image = container.get("image") if isinstance(container, Mapping) else None
        if isinstance(image, str) and "velero-plugin-for-csi" in image:
            path: Pointer = ("initContainers", index)
            yield Outdated(path, "nothing: Velero 1.14 has the CSI plugin built in", "7.0.0")


def _path(dotted: str) -> Pointer:
    return tuple(dotted.split("."))


def _at(values: Mapping[str, object], path: Pointer) -> object | None:
    found: object | None = values
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
