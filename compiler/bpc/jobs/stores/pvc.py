"""A volume inside the cluster."""

from __future__ import annotations

from bpc.jobs.stores.remote import Remote
from bpc.model.location import PvcLocation

PATH = "/store"
"""Where the jobs see the volume."""


def remote(spec: PvcLocation) -> Remote:
    """Return how rclone reaches a mounted volume."""
    return Remote(PATH, {"TYPE": "local"}, None, (), spec.claim)
