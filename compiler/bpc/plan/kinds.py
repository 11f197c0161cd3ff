"""What is known of Kubernetes' own kinds of objects: where they live, and in which order they come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"

CLUSTER_WIDE = frozenset(
    {
        "apiservices.apiregistration.k8s.io",
        f"clusterrolebindings.{_RBAC}",
        f"clusterroles.{_RBAC}",
        "csidrivers.storage.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io",
        "deviceclasses.resource.k8s.io",
        "flowschemas.flowcontrol.apiserver.k8s.io",
        "ingressclasses.networking.k8s.io",
        f"mutatingadmissionpolicies.{_ADMISSION}",
        f"mutatingadmissionpolicybindings.{_ADMISSION}",
        f"mutatingwebhookconfigurations.{_ADMISSION}",
        "namespaces",
        "persistentvolumes",
        "priorityclasses.scheduling.k8s.io",
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
        "runtimeclasses.node.k8s.io",
        "servicecidrs.networking.k8s.io",
        "storageclasses.storage.k8s.io",
        f"validatingadmissionpolicies.{_ADMISSION}",
        f"validatingadmissionpolicybindings.{_ADMISSION}",
        f"validatingwebhookconfigurations.{_ADMISSION}",
        "volumeattributesclasses.storage.k8s.io",
        "volumesnapshotclasses.snapshot.storage.k8s.io",
    }
)
"""Kinds that belong to no namespace."""

NAMESPACED = frozenset(
    {
        "configmaps",
        "cronjobs.batch",
        "daemonsets.apps",
        "deployments.apps",
        "horizontalpodautoscalers.autoscaling",
        "ingresses.networking.k8s.io",
        "limitranges",
        "networkpolicies.networking.k8s.io",
        "persistentvolumeclaims",
        "poddisruptionbudgets.policy",
        "podtemplates",
        "replicationcontrollers",
        "resourceclaimtemplates.resource.k8s.io",
        "resourcequotas",
        f"rolebindings.{_RBAC}",
        f"roles.{_RBAC}",
        "secrets",
        "serviceaccounts",
        "services",
        "statefulsets.apps",
    }
)
"""Kinds that belong to a namespace."""

_BY_ITSELF = "its controller makes it again"
_MOMENT = "it describes a moment of the old cluster"
NOT_EXPORTED: Mapping[str, str] = {
    "pods": _BY_ITSELF,
    "replicasets.apps": _BY_ITSELF,
    "controllerrevisions.apps": _BY_ITSELF,
    "endpoints": _BY_ITSELF,
    "endpointslices.discovery.k8s.io": _BY_ITSELF,
    "jobs.batch": "it would run once more",
    "events": _MOMENT,
    "events.events.k8s.io": _MOMENT,
    "leases.coordination.k8s.io": _MOMENT,
    "nodes": _MOMENT,
    "csinodes.storage.k8s.io": _MOMENT,
    "volumeattachments.storage.k8s.io": _MOMENT,
    "certificatesigningrequests.certificates.k8s.io": _MOMENT,
}
"""Kinds whose objects must not come back, each with the reason."""

AUTHORIZATION = frozenset(
    {name for name in CLUSTER_WIDE | NAMESPACED if name.endswith(f".{_RBAC}")}
)
"""Kinds that grant permissions: only who holds those permissions may write them."""

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"

_FIRST = (
    "namespaces",
    DEFINITIONS,
    "priorityclasses.scheduling.k8s.io",
    "runtimeclasses.node.k8s.io",
    "storageclasses.storage.k8s.io",
    "volumesnapshotclasses.snapshot.storage.k8s.io",
    "ingressclasses.networking.k8s.io",
    "resourcequotas",
    "limitranges",
    "serviceaccounts",
    f"clusterroles.{_RBAC}",
    f"roles.{_RBAC}",
    f"clusterrolebindings.{_RBAC}",
    f"rolebindings.{_RBAC}",
    "secrets",
    "configmaps",
    "persistentvolumes",
    "persistentvolumeclaims",
    "networkpolicies.networking.k8s.io",
    "services",
    "podtemplates",
)
_LAST = (
    "daemonsets.apps",
    "statefulsets.apps",
    "deployments.apps",
    "replicationcontrollers",
    "cronjobs.batch",
    "poddisruptionbudgets.policy",
    "horizontalpodautoscalers.autoscaling",
    "ingresses.networking.k8s.io",
    # What these name has to run before they judge anything.
    f"validatingadmissionpolicies.{_ADMISSION}",
    f"validatingadmissionpolicybindings.{_ADMISSION}",
    f"mutatingadmissionpolicies.{_ADMISSION}",
    f"mutatingadmissionpolicybindings.{_ADMISSION}",
    f"mutatingwebhookconfigurations.{_ADMISSION}",
    f"validatingwebhookconfigurations.{_ADMISSION}",
    "apiservices.apiregistration.k8s.io",
)


def in_order(kinds: Iterable[str]) -> list[str]:
    """Return kinds in the order in which their objects can be made; those of others before workloads."""
    return sorted({*kinds}, key=_rank)


def _rank(kind: str) -> tuple[int, str]:
    if kind in _FIRST:
        return _FIRST.index(kind), kind
    if kind in _LAST:
        return len(_FIRST) + 1 + _LAST.index(kind), kind
    return len(_FIRST), kind


def whole_name(kind: str) -> str | None:
    """Return the name with its group of one of Kubernetes' own kinds that was written without it."""
    known = CLUSTER_WIDE | NAMESPACED | NOT_EXPORTED.keys()
    if kind in known:
        return None
    return next((each for each in sorted(known) if each.partition(".")[0] == kind), None)
