"""What which release of Velero and of the snapshot controller can do.

The field history was read off the custom resource definitions at the tag of each release: the API
server drops a field that its definition lacks without a word, and with it the protection that it
asked for. `1.9` stands for 1.9 and everything before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bpc.model.release import Release


@dataclass(frozen=True, slots=True)
class VeleroSeries:
    """A minor release of Velero and what goes with it.

    `kubernetes` holds the oldest and the newest minor that its project tested it on. `plugin` is the
    release of the object-store plugins for AWS, GCP and Azure; `csi_plugin` that of the CSI plugin,
    which must not be installed where it is None. `chart` is the newest Helm chart that installs this
    series, and `chart_app` the Velero that it installs unless an image is named.
    """

    kubernetes: tuple[str, str]
    plugin: str
    csi_plugin: str | None
    chart: str
    chart_app: str


@dataclass(frozen=True, slots=True)
class Feature:
    """Since when something exists in Velero, is discouraged, and is gone; None where it is not."""

    first: Release
    deprecated: Release | None = None
    removed: Release | None = None

    def available(self, release: Release) -> bool:
        """Tell whether `release` has it."""
        return self.first <= release and (self.removed is None or release < self.removed)


VELERO: Mapping[str, VeleroSeries] = {
    "1.10": VeleroSeries(("1.22", "1.25"), "1.6.0", "0.4.0", "3.1.6", "1.10.2"),
    "1.11": VeleroSeries(("1.23", "1.26"), "1.7.0", "0.5.0", "5.0.2", "1.11.1"),
    "1.12": VeleroSeries(("1.25", "1.27"), "1.8.0", "0.6.0", "5.2.2", "1.12.3"),
    "1.13": VeleroSeries(("1.26", "1.28"), "1.9.0", "0.7.0", "6.7.0", "1.13.2"),
    "1.14": VeleroSeries(("1.27", "1.29"), "1.10.0", None, "7.2.2", "1.14.1"),
    "1.15": VeleroSeries(("1.28", "1.31"), "1.11.0", None, "8.7.2", "1.15.2"),
    "1.16": VeleroSeries(("1.31", "1.33"), "1.12.0", None, "10.1.3", "1.16.2"),
    "1.17": VeleroSeries(("1.31", "1.34"), "1.13.0", None, "11.4.0", "1.17.1"),
    "1.18": VeleroSeries(("1.33", "1.35"), "1.14.0", None, "12.1.0", "1.18.1"),
}


def _feature(first: str, deprecated: str = "", removed: str = "") -> Feature:
    return Feature(
        Release.parse(first),
        Release.parse(deprecated) if deprecated else None,
        Release.parse(removed) if removed else None,
    )


FEATURES: Mapping[str, Feature] = {
    "backup-repository-configmap": _feature("1.15"),
    "concurrent-backups": _feature("1.18"),
    "cron-time-zone": _feature("1.15"),
    "csi-plugin-image": _feature("1.9", "1.14", "1.14"),
    "data-mover": _feature("1.12"),
    "data-mover-pods": _feature("1.15"),
    "group-snapshot-v1beta1": _feature("1.17", "", "1.18.1"),
    "group-snapshot-v1beta2": _feature("1.18.1"),
    "item-block-workers": _feature("1.16"),
    "kopia": _feature("1.10"),
    "kopia-by-default": _feature("1.12"),
    "maintenance-configmap": _feature("1.15"),
    "maintenance-flags": _feature("1.14", "1.16", "1.17"),
    "maintenance-jobs": _feature("1.14"),
    "missing-configmap-stops-server": _feature("1.17"),
    "namespace-globs": _feature("1.18"),
    "node-agent": _feature("1.10"),
    "node-agent-configmap": _feature("1.13"),
    "node-agent-configmap-flag": _feature("1.15"),
    "node-selection-configmap": _feature("1.9", "1.15", "1.18"),
    "policy-action-custom": _feature("1.18.1"),
    "policy-action-fs-backup": _feature("1.14"),
    "policy-action-skip": _feature("1.11"),
    "policy-action-snapshot": _feature("1.14"),
    "read-only-restore-defect": _feature("1.16", "", "1.18.1"),
    "resource-modifier-merge-patches": _feature("1.13"),
    "resource-modifiers": _feature("1.12"),
    "resource-policies": _feature("1.11"),
    "restic-backup": _feature("1.9", "1.15", "1.17"),
    "restic-restore": _feature("1.9", "1.15", "1.19"),
    "scoped-filters": _feature("1.11"),
    "skip-immediately-flag": _feature("1.13"),
    "unavailable-location-rejects": _feature("1.17"),
    "volume-group-snapshots": _feature("1.17"),
}


def _in(parent: str, names: str) -> str:
    return " ".join([parent, *(f"{parent}.{name}" for name in names.split())])


def _selector(parent: str) -> str:
    return _in(parent, f"matchLabels {_in('matchExpressions', 'key operator values')}")


_FILTERS = "includedNamespaces excludedNamespaces includedResources excludedResources"
_SCOPED = (
    "includedClusterScopedResources excludedClusterScopedResources "
    "includedNamespaceScopedResources excludedNamespaceScopedResources"
)
_SELECTORS = f"{_selector('labelSelector')} {_selector('orLabelSelectors')}"
_HOOK_FILTERS = f"name {_FILTERS} {_selector('labelSelector')}"
_EXEC = _in("exec", "container command onError timeout")
_REFERENCE = "apiGroup kind name"
_SECRET_KEY = "name key optional"  # noqa: S105 names of fields, not a secret

_Fields = Mapping[str, str]

_BACKUP: _Fields = {
    "1.9": f"""
        {_FILTERS} {_SELECTORS} includeClusterResources orderedResources
        snapshotVolumes ttl storageLocation volumeSnapshotLocations csiSnapshotTimeout
        defaultVolumesToRestic metadata metadata.labels hooks
        {_in("hooks.resources", f"{_HOOK_FILTERS} {_in('pre', _EXEC)} {_in('post', _EXEC)}")}
    """,
    "1.10": "defaultVolumesToFsBackup",
    "1.11": f"{_SCOPED} itemOperationTimeout {_in('resourcePolicy', _REFERENCE)}",
    "1.12": "snapshotMoveData datamover",
    "1.13": _in("uploaderConfig", "parallelFilesUpload"),
    "1.17": "volumeGroupSnapshotLabelKey",
}
_POST_RESTORE = (
    f"{_in('exec', 'container command onError execTimeout waitTimeout')} "
    f"{_in('init', 'initContainers timeout')}"
)
_RESTORE: _Fields = {
    "1.9": f"""
        {_FILTERS} {_SELECTORS} includeClusterResources backupName scheduleName
        existingResourcePolicy namespaceMapping preserveNodePorts restorePVs
        {_in("restoreStatus", "includedResources excludedResources")} hooks
        {_in("hooks.resources", f"{_HOOK_FILTERS} {_in('postHooks', _POST_RESTORE)}")}
    """,
    "1.11": "itemOperationTimeout",
    "1.12": _in("resourceModifier", _REFERENCE),
    "1.13": f"""
        hooks.resources.postHooks.exec.waitForReady {_in("uploaderConfig", "writeSparseFiles")}
    """,
    "1.14": "uploaderConfig.parallelFilesDownload",
}
_SCHEDULE: _Fields = {
    "1.9": "schedule template useOwnerReferencesInBackup",
    "1.10": "paused",
    "1.13": "skipImmediately",
}
_BACKUP_STORAGE_LOCATION: _Fields = {
    "1.9": f"""
        provider config default accessMode backupSyncPeriod validationFrequency
        {_in("objectStorage", "bucket prefix caCert")} {_in("credential", _SECRET_KEY)}
    """,
    "1.18": _in("objectStorage.caCertRef", _SECRET_KEY),
}
_VOLUME_SNAPSHOT_LOCATION: _Fields = {
    "1.9": "provider config",
    "1.10": _in("credential", _SECRET_KEY),
}
_CONDITIONS = f"capacity storageClass {_in('nfs', 'server path')} {_in('csi', 'driver')}"
_RESOURCE_POLICIES: _Fields = {
    "1.11": f"""
        version volumePolicies {_in("volumePolicies.conditions", _CONDITIONS)}
        {_in("volumePolicies.action", "type parameters")}
    """,
    "1.13": "volumePolicies.conditions.volumeTypes",
    "1.16": "volumePolicies.conditions.pvcLabels volumePolicies.conditions.csi.volumeAttributes",
    "1.17": _in("includeExcludePolicy", _SCOPED),
    "1.18": "volumePolicies.conditions.pvcPhase",
}
_NODE_AGENT_CONFIG: _Fields = {
    "1.13": _in("loadConcurrency", f"globalConfig {_in('perNodeConfig', 'nodeSelector number')}"),
    "1.14": _in("loadAffinity", "nodeSelector"),
    "1.15": f"backupPVC {_in('podResources', 'cpuRequest cpuLimit memoryRequest memoryLimit')}",
    "1.16": _in("restorePVC", "ignoreDelayBinding"),
    "1.17": "loadConcurrency.prepareQueueLength loadAffinity.storageClass priorityClassName",
    "1.17.1": "privilegedFsBackup",
    "1.18": f"podLabels podAnnotations {_in('cachePVC', 'storageClass residentThresholdInMB')}",
}


def _history(*tables: tuple[str, _Fields]) -> Mapping[str, str]:
    return {
        f"{prefix}{name}": release
        for prefix, table in tables
        for release, names in table.items()
        for name in names.split()
    }


_SPEC: tuple[str, _Fields] = ("", {"1.9": "spec"})
_HISTORY: Mapping[str, Mapping[str, str]] = {
    "Schedule": _history(_SPEC, ("spec.", _SCHEDULE), ("spec.template.", _BACKUP)),
    "Backup": _history(_SPEC, ("spec.", _BACKUP)),
    "Restore": _history(_SPEC, ("spec.", _RESTORE)),
    "BackupStorageLocation": _history(_SPEC, ("spec.", _BACKUP_STORAGE_LOCATION)),
    "VolumeSnapshotLocation": _history(_SPEC, ("spec.", _VOLUME_SNAPSHOT_LOCATION)),
    "ResourcePolicies": _history(("", _RESOURCE_POLICIES)),
    "NodeAgentConfig": _history(("", _NODE_AGENT_CONFIG)),
}

_GROUP_SNAPSHOTS: tuple[tuple[str, Feature], ...] = (
    ("v1alpha1", _feature("6.3", "", "8.2")),
    ("v1beta1", _feature("8.2", "8.4")),
    ("v1beta2", _feature("8.4")),
    ("v1", _feature("8.6")),
)


def first_release(kind: str, path: Sequence[str | int]) -> str | None:
    """Return the first release of Velero that keeps a field, or None where none does.

    `kind` is a kind of velero.io, or `ResourcePolicies` and `NodeAgentConfig` for the files that
    Velero reads from ConfigMaps. `path` leads to a field: indices of lists in it do not matter, and
    keys of maps do not belong in it.
    """
    name = ".".join(step for step in path if isinstance(step, str))
    return _HISTORY[kind].get(name)


def group_snapshot_versions(snapshotter: Release) -> tuple[str, ...]:
    """Return the served versions of groupsnapshot.storage.k8s.io, oldest first."""
    return tuple(version for version, served in _GROUP_SNAPSHOTS if served.available(snapshotter))
