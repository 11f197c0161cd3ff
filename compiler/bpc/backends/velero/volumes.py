"""What is done with which volumes: the file that Velero reads from a ConfigMap at each backup."""

from __future__ import annotations

from bpc.backends.velero.objects import has, serves
from bpc.model.datasets.namespaces import Namespaces, VolumePolicy
from bpc.plan.estate import ClusterPlan

_ACTIONS = {"skip": "skip", "snapshot": "snapshot", "filesystem": "fs-backup"}
_OTHERWISE = {"move": "snapshot", "snapshot": "snapshot", "filesystem": "fs-backup", "none": "skip"}


def volume_policies(spec: Namespaces, cluster: ClusterPlan) -> list[dict[str, object]]:
    """Return the entries that the cluster's Velero understands, a catch-all last; none if none is wanted.

    Velero fails the backup over a condition that it does not know, and leaves a volume to its defaults
    when no entry matches.
    """
    if not spec.volume_policies or not has(cluster, "resource-policies"):
        return []
    entries = [
        {"conditions": conditions, "action": {"type": _ACTIONS[policy.action]}}
        for policy in spec.volume_policies
        if has(cluster, f"policy-action-{_ACTIONS[policy.action]}")
        for conditions in _conditions(policy)
        if _known(conditions, cluster)
    ]
    last = _OTHERWISE[spec.volumes]
    if entries and has(cluster, f"policy-action-{last}"):
        entries.append({"conditions": {}, "action": {"type": last}})
    return entries


def _conditions(policy: VolumePolicy) -> list[dict[str, object]]:
    shared: dict[str, object] = {}
    if policy.storage_classes:
        shared["storageClass"] = list(policy.storage_classes)
    if policy.claim_labels:
        shared["pvcLabels"] = policy.claim_labels
    # A condition holds one driver only.
    return [shared | {"csi": {"driver": driver}} for driver in policy.drivers] or [shared]


def _known(conditions: dict[str, object], cluster: ClusterPlan) -> bool:
    return all(
        serves(cluster, "ResourcePolicies", "volumePolicies", "conditions", name)
        for name in conditions
    )
