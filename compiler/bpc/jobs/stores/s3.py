"""Amazon S3, and stores that speak its protocol."""

from __future__ import annotations

from bpc.jobs.stores.remote import Remote, port_of
from bpc.model.location import S3Location

CREDENTIALS = "SHARED_CREDENTIALS_FILE"
COMMON = {
    "TYPE": "s3",
    # Without keys of its own rclone takes what the file, or the identity of the service account, gives it.
    "ENV_AUTH": "true",
    "NO_CHECK_BUCKET": "true",
    # An upload has at most 10,000 chunks, so this size allows for objects of 640 GiB.
    "CHUNK_SIZE": "64Mi",
    "UPLOAD_CONCURRENCY": "2",
}


def remote(spec: S3Location) -> Remote:
    """Return how rclone reaches a bucket."""
    settings = COMMON | {"PROVIDER": "AWS", "REGION": spec.site.region}
    if spec.endpoint is not None:
        settings |= {"PROVIDER": "Other", "ENDPOINT": spec.endpoint}
    settings["FORCE_PATH_STYLE"] = "true" if spec.path_style else "false"
    if spec.kms_key is not None:
        settings |= {"SERVER_SIDE_ENCRYPTION": "aws:kms", "SSE_KMS_KEY_ID": spec.kms_key}
    ports = (port_of(spec.endpoint),) if spec.endpoint is not None else (443,)
    return Remote(spec.bucket, settings, CREDENTIALS, ports)
