"""Azure Blob Storage."""

from __future__ import annotations

from bpc.jobs.stores.remote import Remote
from bpc.model.location import AzureLocation


def remote(spec: AzureLocation) -> Remote:
    """Return how rclone reaches a container; the scripts read its credentials file, line by line."""
    settings = {
        "TYPE": "azureblob",
        "ACCOUNT": spec.storage_account,
        "ENV_AUTH": "true",
        "NO_CHECK_CONTAINER": "true",
        # An upload has at most 50,000 chunks, so this size allows for blobs of 780 GiB.
        "CHUNK_SIZE": "16Mi",
        "UPLOAD_CONCURRENCY": "4",
    }
    return Remote(spec.bucket, settings, None)
