"""Google Cloud Storage."""

from __future__ import annotations

from bpc.jobs.stores.remote import Remote
from bpc.model.location import GcsLocation


def remote(spec: GcsLocation) -> Remote:
    """Return how rclone reaches a bucket."""
    settings = {
        "TYPE": "google cloud storage",
        "ENV_AUTH": "false" if spec.credentials is not None else "true",
        "BUCKET_POLICY_ONLY": "true",
        "NO_CHECK_BUCKET": "true",
    }
    return Remote(spec.bucket, settings, "SERVICE_ACCOUNT_FILE")
