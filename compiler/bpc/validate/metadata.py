"""Names, namespaces, labels and annotations: what the API server refuses and no schema says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from bpc.diagnostics import Pointer
from bpc.validate.fault import Fault, Manifest, shorten
from bpc.validate.names import is_dns_label, is_dns_subdomain, is_label_key, is_label_value

_LARGEST_ANNOTATIONS = 256 * 1024  # bytes over all keys and values of one object
_BYTES_PER_CHARACTER = 4  # at most, in UTF-8
_PATH_SEGMENT = re.compile(r"(?!\.\.?$)[^/%]+")

_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttributesClass",
    }
)
_LONGEST_NAMES: Mapping[str, int] = {
    "CronJob": 52,  # the controller appends eleven characters for the name of a Job
    "Job": 63,  # the name becomes the value of a label on its pods
    "Namespace": 63,
    "Service": 63,
}
_RBAC = frozenset({"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})


def is_namespaced(kind: str) -> bool:
    """Tell whether objects of one of Kubernetes' own kinds live in a namespace."""
    return kind not in _CLUSTER_SCOPED


def longest_name(kind: str) -> int:
    """Return how long the name of an object of one of Kubernetes' own kinds may be."""
    return _LONGEST_NAMES.get(kind, 253)


def metadata_faults(manifest: Manifest, namespaced: bool, longest: int) -> Iterator[Fault]:
    """Yield what is wrong with the metadata of an object."""
    metadata = manifest.get("metadata") or {}
    yield from _name(metadata.get("name"), manifest["kind"], longest)
    namespace = metadata.get("namespace")
    if not namespaced:
        if namespace is not None:
            yield Fault(("metadata", "namespace"), f"kind `{manifest['kind']}` has no namespace")
    elif namespace is None:
        yield Fault(("metadata",), "missing field `namespace`")
    elif not is_dns_label(namespace):
        yield Fault(("metadata", "namespace"), f"`{shorten(namespace)}` cannot name a namespace")
    yield from label_faults(metadata, ("metadata",))


def label_faults(metadata: Manifest, at: Pointer) -> Iterator[Fault]:
    """Yield what is wrong with the labels and annotations of an object or of a pod template."""
    for key, value in (metadata.get("labels") or {}).items():
        if not is_label_key(key):
            yield Fault((*at, "labels", key), f"`{shorten(key)}` cannot be the key of a label")
        if not is_label_value(value or ""):
            yield Fault(
                (*at, "labels", key),
                f"`{shorten(value)}` cannot be the value of a label: at most 63 letters, digits,"
                " `-`, `_` and `.`, with a letter or digit at both ends",
            )
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        if not is_label_key(key.lower()):
            yield Fault(
                (*at, "annotations", key), f"`{shorten(key)}` cannot be the key of an annotation"
            )
    if _bytes(annotations) > _LARGEST_ANNOTATIONS:
        yield Fault((*at, "annotations"), "annotations are larger than 256 KiB together")


def _name(name: str | None, kind: str, longest: int) -> Iterator[Fault]:
    if name is None:
        yield Fault(("metadata",), "missing field `name`")
        return
    if len(name) > longest:
        yield Fault(
            ("metadata", "name"),
            f"`{shorten(name)}` has {len(name)} characters; the name of a {kind} has at most {longest}",
        )
    well_formed: Callable[[str], object] = is_dns_subdomain
    if kind in ("Namespace", "Service"):
        well_formed = is_dns_label
    elif kind in _RBAC:
        well_formed = _PATH_SEGMENT.fullmatch
    if not well_formed(name):
        yield Fault(("metadata", "name"), f"`{shorten(name)}` cannot name a {kind}")


def _bytes(annotations: Mapping[str, str | None]) -> int:
    characters = sum(len(key) + len(value or "") for key, value in annotations.items())
    if characters * _BYTES_PER_CHARACTER <= _LARGEST_ANNOTATIONS:
        return characters
    return sum(len(f"{key}{value or ''}".encode()) for key, value in annotations.items())
