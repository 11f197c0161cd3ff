"""Every name, label, annotation and path that more than one part of the output has to agree on.

Names that people choose never hold two dashes in a row, so names joined by two dashes cannot fall
together. A name that would be too long ends in a digest of the whole instead.
"""

from __future__ import annotations

import hashlib

CRONJOB_LIMIT = 52
"""Kubernetes adds eleven characters to make the names of a CronJob's Jobs, which end at 63."""
SCHEDULE_LIMIT = 48
"""Velero adds a 15-character stamp to make the names of Backups, which end up in labels of 63."""
LABEL_LIMIT = 63
_DIGEST = 8

MANAGED_BY = "app.kubernetes.io/managed-by"
PART_OF = "app.kubernetes.io/part-of"
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
POLICY = "bpc/policy"
DATASET = "bpc/dataset"
COPY = "bpc/copy"
RUNG = "bpc/rung"
SOURCE = "bpc/source"

FLUX_PRUNE = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}
FLUX_NO_SUBSTITUTION = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
ARGO_KEEP = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}

PREREQUISITES = "00-prerequisites"
OPERATOR = "10-operator"
STORAGE = "20-storage"
SCHEDULES = "30-schedules"
APPLIED = (PREREQUISITES, OPERATOR, STORAGE, SCHEDULES)
"""The applied directories, in the order in which they are applied."""

SHARED = "_shared"
"""The folder of the templates that more than one back end uses."""
POINTS = "bpc.points"
"""The folder of bpc's own jobs in every bucket; no cluster can have a name with a dot."""

REPOSITORY_SECRET = "velero-repo-credentials"  # noqa: S105 - the name that Velero looks for


def join(*parts: str, limit: int) -> str:
    """Join names with two dashes; if that is longer than `limit`, cut it and end it in a digest."""
    whole = "--".join(parts)
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_DIGEST]
    return f"{whole[: limit - _DIGEST - 1].rstrip('-')}-{digest}"


def velero_schedule(policy: str, dataset: str, location: str, rung: str) -> str:
    """Return the name of the Velero Schedule that makes one rung of one copy."""
    return join(policy, dataset, location, rung, limit=SCHEDULE_LIMIT)


def snapshot_job(policy: str, dataset: str, rung: str) -> str:
    """Return the name of the CronJob that cuts the volumes of a dataset for one rung."""
    return join(policy, dataset, rung, limit=CRONJOB_LIMIT)


def backup_job(policy: str, dataset: str, location: str) -> str:
    """Return the name of the CronJob that makes the copy of a dataset at one location."""
    return join(policy, dataset, location, limit=CRONJOB_LIMIT)


def maintenance_job(policy: str, dataset: str, location: str) -> str:
    """Return the name of the CronJob that looks after the copy of a dataset at one location."""
    return join(policy, dataset, location, "keep", limit=CRONJOB_LIMIT)


def dataset_object(policy: str, dataset: str, *more: str) -> str:
    """Return the name of an object that belongs to one dataset, such as its ConfigMap or Role."""
    return join(policy, dataset, *more, limit=LABEL_LIMIT)


def snapshot_class(driver: str) -> str:
    """Return the name of the VolumeSnapshotClass for a CSI driver."""
    return join("bpc", driver.replace(".", "-"), limit=LABEL_LIMIT)


def labels(policy: str | None, dataset: str | None = None, component: str = "") -> dict[str, str]:
    """Return the labels that every object carries, in a fixed order."""
    found = {MANAGED_BY: "bpc"}
    if component:
        found[COMPONENT] = component
    if policy is not None:
        found |= {PART_OF: policy, POLICY: policy}
    if dataset is not None:
        found[DATASET] = dataset
    return found


def keep() -> dict[str, str]:
    """Return the annotations that stop both GitOps engines from pruning an object."""
    return FLUX_PRUNE | ARGO_KEEP


def path(directory: str, kind: str, name: str, *, policy: str | None = None) -> str:
    """Return the path of the file that holds an object, relative to the cluster's directory."""
    file = f"{kind.lower()}-{name}.yaml"
    return f"{directory}/{policy}/{file}" if policy else f"{directory}/{file}"


NODE_AGENT_CONFIG = "node-agent-config"
"""Velero 1.13 and 1.14 read the settings of their node agents from a ConfigMap of just this name."""
REPOSITORY_CONFIG = "velero-backup-repository"
MAINTENANCE_CONFIG = "velero-repository-maintenance"
RESTORED = "-restored"
RESTORED_STEM = LABEL_LIMIT - len(RESTORED)


def restored_namespace(namespace: str) -> str:
    """Return the namespace that a restore beside the live one goes to."""
    return f"{namespace[:RESTORED_STEM]}{RESTORED}"


def restore_path(policy: str, scenario: str, dataset: str, *more: str) -> str:
    """Return the path of a Restore manifest, which nothing applies by itself."""
    return f"restore/{policy}/{'--'.join([scenario, dataset, *more])}.yaml"


def gitops_object(cluster: str, directory: str) -> str:
    """Return the name of the Flux Kustomization or Argo CD Application that applies a directory."""
    return join("bpc", cluster, directory.partition("-")[2], limit=CRONJOB_LIMIT)


def deleting_class(driver: str) -> str:
    """Return the name of the VolumeSnapshotClass whose snapshots go with their objects."""
    return join("bpc", driver.replace(".", "-"), "delete", limit=LABEL_LIMIT)


SNAPSHOT_RELEASER = "bpc--snapshot-releaser"
"""The ClusterRole of jobs that let the storage delete what the policy no longer keeps."""


def restore_directory(policy: str, dataset: str) -> str:
    """Return the directory of the objects that restore a dataset; nothing applies them by itself."""
    return f"restore/{policy}/{dataset}"


def wanted(policy: str, dataset: str) -> str:
    """Return the name of the ConfigMap in which a person says what a restore job is to bring back."""
    return join(policy, dataset, "wanted", limit=LABEL_LIMIT)


def server_policy(policy: str, dataset: str, location: str, rung: str) -> str:
    """Return the name of the policy by which a server makes the snapshots of one rung by itself."""
    return join(policy, dataset, location, rung, limit=LABEL_LIMIT)


OPERATOR_LIMIT = LABEL_LIMIT - 15
"""CloudNativePG adds a dash and fourteen digits to make the names of Backups, which end up in labels."""


def operator_schedule(policy: str, dataset: str) -> str:
    """Return the name of the schedule that an operator keeps for a database."""
    return join(policy, dataset, limit=OPERATOR_LIMIT)
