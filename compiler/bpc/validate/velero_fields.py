"""What the fields of Velero's custom resources may hold.

Which field exists since when is in `bpc.model.releases`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bpc.validate.shapes import (
    COMMAND,
    COUNT,
    FLAG,
    LABELS,
    NON_EMPTY,
    OPEN,
    SELECTOR,
    TEXT,
    TEXT_MAP,
    Leaf,
    Shape,
    one_of,
    text,
)

_DURATION = text("duration")
_POSITIVE = text("duration-positive")
_CONFIGMAP: Shape = {"apiGroup": TEXT, "kind!": one_of("configmap"), "name!": text("dns-subdomain")}
_SECRET_KEY: Shape = {"name!": text("dns-subdomain"), "key!": text("data-key"), "optional": FLAG}
_ON_ERROR = one_of("Continue", "Fail")
_FILTERS: Mapping[str, Shape] = {
    "includedNamespaces": [NON_EMPTY],
    "excludedNamespaces": [NON_EMPTY],
    "includedResources": [NON_EMPTY],
    "excludedResources": [NON_EMPTY],
}
_HOOK_FILTERS: Mapping[str, Shape] = {"name!": NON_EMPTY, **_FILTERS, "labelSelector": SELECTOR}
_HOOK: Shape = {
    "exec!": {"container": TEXT, "command!": COMMAND, "onError": _ON_ERROR, "timeout": _POSITIVE}
}
BACKUP: Mapping[str, Shape] = {
    **_FILTERS,
    "includedClusterScopedResources": [NON_EMPTY],
    "excludedClusterScopedResources": [NON_EMPTY],
    "includedNamespaceScopedResources": [NON_EMPTY],
    "excludedNamespaceScopedResources": [NON_EMPTY],
    "includeClusterResources": FLAG,
    "labelSelector": SELECTOR,
    "orLabelSelectors": [SELECTOR],
    "orderedResources": TEXT_MAP,
    "hooks": {"resources": [{**_HOOK_FILTERS, "pre": [_HOOK], "post": [_HOOK]}]},
    "ttl": _POSITIVE,
    "storageLocation": text("dns-subdomain"),
    "volumeSnapshotLocations": [text("dns-subdomain")],
    "snapshotVolumes": FLAG,
    "snapshotMoveData": FLAG,
    "datamover": TEXT,
    "defaultVolumesToFsBackup": FLAG,
    "defaultVolumesToRestic": FLAG,
    "csiSnapshotTimeout": _POSITIVE,
    "itemOperationTimeout": _POSITIVE,
    "resourcePolicy": _CONFIGMAP,
    "uploaderConfig": {"parallelFilesUpload": COUNT},
    "volumeGroupSnapshotLabelKey": text("label-key"),
}
TEMPLATE_METADATA: Shape = {"labels!": Leaf({**LABELS.schema, "minProperties": 1})}
_RESTORE_EXEC: Shape = {
    "container": TEXT,
    "command!": COMMAND,
    "onError": _ON_ERROR,
    "execTimeout": _POSITIVE,
    "waitTimeout": _POSITIVE,
    "waitForReady": FLAG,
}
_RESTORE_HOOK: Shape = {
    "exec": _RESTORE_EXEC,
    "init": {"initContainers": [OPEN], "timeout": _POSITIVE},
}
RESTORE: Mapping[str, Shape] = {
    **_FILTERS,
    "scheduleName": NON_EMPTY,
    "includeClusterResources": FLAG,
    "labelSelector": SELECTOR,
    "orLabelSelectors": [SELECTOR],
    "existingResourcePolicy": one_of("none", "update"),
    "namespaceMapping": Leaf(
        {"type": "object", "additionalProperties": {"type": "string", "format": "dns-label"}}
    ),
    "preserveNodePorts": FLAG,
    "restorePVs": FLAG,
    "restoreStatus": {"includedResources": [NON_EMPTY], "excludedResources": [NON_EMPTY]},
    "itemOperationTimeout": _POSITIVE,
    "resourceModifier": _CONFIGMAP,
    "uploaderConfig": {"writeSparseFiles": FLAG, "parallelFilesDownload": COUNT},
    "hooks": {"resources": [{**_HOOK_FILTERS, "postHooks": [_RESTORE_HOOK]}]},
}
BACKUP_STORAGE_LOCATION: Mapping[str, Shape] = {
    "provider!": NON_EMPTY,
    "objectStorage!": {
        "bucket!": NON_EMPTY,
        "prefix": TEXT,
        "caCert": text("base64"),
        "caCertRef": _SECRET_KEY,
    },
    "config": TEXT_MAP,
    "credential": _SECRET_KEY,
    "default": FLAG,
    "accessMode": one_of("ReadOnly", "ReadWrite"),
    "backupSyncPeriod": _DURATION,
    "validationFrequency": _DURATION,
}
VOLUME_SNAPSHOT_LOCATION: Mapping[str, Shape] = {
    "provider!": NON_EMPTY,
    "config": TEXT_MAP,
    "credential": _SECRET_KEY,
}
