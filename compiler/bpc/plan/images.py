"""Which container image a cluster uses for a purpose: its own, or one of the catalogue's."""

from __future__ import annotations

from bpc.model.cluster import ClusterSpec
from bpc.plan.catalogue import CATALOGUE, RELEASES

PURPOSES = (
    *CATALOGUE,
    *RELEASES,
    "velero",
    "velero-plugin-for-aws",
    "velero-plugin-for-csi",
    "velero-plugin-for-gcp",
    "velero-plugin-for-microsoft-azure",
)
"""Every name that a cluster's `images` may have."""


def find_image(cluster: ClusterSpec, name: str, release: str | None = None) -> str | None:
    """Return the image that a cluster uses for a purpose: its own, or the catalogue's.

    `release` is that of the server which the image has to fit; the newest image is taken without it.
    None means that the cluster has to name one.
    """
    own = cluster.images.get(name)
    if own is not None or name in CATALOGUE:
        return own or CATALOGUE[name]
    known = RELEASES.get(name, {})
    if release is None:
        return next(reversed(known.values()), None)
    return next((known[begin] for begin in known if f"{release}.".startswith(f"{begin}.")), None)


def image(cluster: ClusterSpec, name: str, release: str | None = None) -> str:
    """Return the image for a purpose; a rule has stopped the build where there is none."""
    return find_image(cluster, name, release) or name


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
