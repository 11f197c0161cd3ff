"""Alibaba Cloud OSS, through its S3-compatible address."""

from __future__ import annotations

from bpc.jobs.stores.remote import Remote
from bpc.jobs.stores.s3 import COMMON, CREDENTIALS
from bpc.model.location import OssLocation


def remote(spec: OssLocation) -> Remote:
    """Return how rclone reaches a bucket."""
    internal = "-internal" if spec.network == "internal" else ""
    settings = COMMON | {
        "PROVIDER": "Alibaba",
        "ENDPOINT": f"https://oss-{spec.site.region}{internal}.aliyuncs.com",
        "FORCE_PATH_STYLE": "false",
    }
    return Remote(spec.bucket, settings, CREDENTIALS)
