"""Where the copy engines write. A new kind of location is a module here and a line in the table.

All engines reach their stores through rclone, which takes its settings from environment variables; the
name of a remote (`STORE`, or `FROM` for the store that a copy is made from) is part of each variable's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpc.jobs.stores import azure, gcs, oss, pvc, s3
from bpc.jobs.stores.remote import Remote
from bpc.plan.estate import DatasetPlan, LocationPlan

_KINDS: Mapping[str, Callable[[Any], Remote]] = {
    "s3": s3.remote,
    "oss": oss.remote,
    "gcs": gcs.remote,
    "azure": azure.remote,
    "pvc": pvc.remote,
}

SUPPORTED = frozenset(_KINDS)
"""The types of location that the jobs can write to."""


def remote(location: LocationPlan) -> Remote:
    """Return how rclone reaches a location; raises KeyError for a type that it cannot."""
    return _KINDS[location.spec.type](location.spec)


def folder(location: LocationPlan, dataset: DatasetPlan) -> str:
    """Return the folder of one dataset at a location, from the root of the remote."""
    root = remote(location).root
    return f"{root}/{location.points}/{dataset.policy}/{dataset.name}"


def environment(location: LocationPlan, name: str, credentials: str) -> dict[str, str]:
    """Return the variables of the remote `name`; `credentials` is the path of the credentials file."""
    found = remote(location)
    settings = dict(found.settings)
    if location.spec.credentials is not None and found.credentials is not None:
        settings[found.credentials] = credentials
    return {f"RCLONE_CONFIG_{name}_{key}": value for key, value in settings.items()}


__all__ = ["SUPPORTED", "Remote", "environment", "folder", "remote"]
