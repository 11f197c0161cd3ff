"""Every container image that the output names, by digest, in one place.

A digest is what a registry answers for the tag beside it, as pinned in several public manifests that
agree; `docs/images.md` says how to check and renew them. A cluster may name an image of its own instead.
"""

from __future__ import annotations

from bpc.model.cluster import ClusterSpec

CATALOGUE = {
    "kubectl": "docker.io/alpine/k8s:1.34.1"
    "@sha256:ec714df3813b5405292860f8a1c55c5727bf8c33c88992f1e981efad8065547f",
}
"""Images by the name under which a cluster's `images` may replace them."""

PURPOSES = (
    *CATALOGUE,
    "velero",
    "velero-plugin-for-aws",
    "velero-plugin-for-csi",
    "velero-plugin-for-gcp",
    "velero-plugin-for-microsoft-azure",
)
"""Every name that a cluster's `images` may have."""


def image(cluster: ClusterSpec, name: str) -> str:
    """Return the image that a cluster uses for a purpose: its own, or the catalogue's."""
    return cluster.images.get(name, CATALOGUE[name])


_DIGESTS = {
    "docker.io/velero/velero:v1.18.1": (
        "sha256:11459094b1b21ec7c817b08f8067d9e89380835547915cac9c4132ff05b55b90"
    ),
    "docker.io/velero/velero-plugin-for-aws:v1.14.0": (
        "sha256:7e82f717f44e89671212e0dfce7e061321c386ea84a33bca64a671670ca6c278"
    ),
}


def pinned(reference: str) -> str:
    """Return an image whose release depends on the cluster's with its digest, where one is known."""
    digest = _DIGESTS.get(reference)
    return f"{reference}@{digest}" if digest else reference
