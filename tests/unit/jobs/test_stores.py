"""How rclone is told of each kind of location."""

from __future__ import annotations

import pytest

from bpc.jobs.stores import SUPPORTED, environment, remote
from bpc.plan.estate import LocationPlan
from tests.estates import estate

SITE = "site: {provider: own, region: r1, account: a, realm: m}\n  medium: m"
SPECS = {
    "s3": "type: s3\n  bucket: acme-b\n  kmsKey: k1",
    "ceph": "type: s3\n  bucket: acme-b\n  endpoint: http://rgw.example:7480\n  pathStyle: true",
    "oss": "type: oss\n  bucket: acme-b\n  network: internal",
    "gcs": "type: gcs\n  bucket: acme-b",
    "azure": "type: azure\n  bucket: acme-b\n  storageAccount: acme\n  resourceGroup: g",
    "pvc": "type: pvc\n  claim: backups\n  namespace: shop",
}


def location(name: str, more: str = "") -> LocationPlan:
    text = f"""
kind: Location
metadata: {{name: other}}
spec:
  {SPECS[name]}
  {SITE}{more}
---
kind: Tier
spec: {{copies: {{to: [other]}}}}
---
kind: BackupPolicy
spec:
  datasets: [{{name: db, type: postgresql, namespace: shop, connection: {{host: db}}}}]
"""
    [policy] = estate(text).policies
    return policy.datasets[0].copies[0].location


def settings(name: str, more: str = "") -> dict[str, str]:
    return environment(location(name, more), "STORE", "/credentials/store/cloud")


def test_every_kind_but_nfs_has_a_store() -> None:
    assert {"s3", "oss", "gcs", "azure", "pvc"} == SUPPORTED


@pytest.mark.parametrize("name", SPECS)
def test_no_store_makes_buckets_or_holds_a_secret(name: str) -> None:
    found = settings(name, "\n  credentials: {secret: s}" if name != "pvc" else "")
    assert all(key.startswith("RCLONE_CONFIG_STORE_") for key in found)
    checks = {key: value for key, value in found.items() if "NO_CHECK" in key}
    assert set(checks.values()) <= {"true"}


def test_amazon_and_others() -> None:
    amazon, ceph = settings("s3"), settings("ceph")
    assert amazon["RCLONE_CONFIG_STORE_PROVIDER"] == "AWS"
    assert amazon["RCLONE_CONFIG_STORE_SSE_KMS_KEY_ID"] == "k1"
    assert "RCLONE_CONFIG_STORE_SHARED_CREDENTIALS_FILE" not in amazon
    assert ceph["RCLONE_CONFIG_STORE_ENDPOINT"] == "http://rgw.example:7480"
    assert ceph["RCLONE_CONFIG_STORE_FORCE_PATH_STYLE"] == "true"
    assert remote(location("ceph")).ports == (7480,)


def test_oss_is_reached_from_inside_its_region() -> None:
    endpoint = settings("oss")["RCLONE_CONFIG_STORE_ENDPOINT"]
    assert endpoint == "https://oss-r1-internal.aliyuncs.com"


def test_google_takes_a_file_or_the_identity_of_the_account() -> None:
    assert settings("gcs")["RCLONE_CONFIG_STORE_ENV_AUTH"] == "true"
    found = settings("gcs", "\n  credentials: {secret: s}")
    assert found["RCLONE_CONFIG_STORE_SERVICE_ACCOUNT_FILE"] == "/credentials/store/cloud"
    assert found["RCLONE_CONFIG_STORE_ENV_AUTH"] == "false"


def test_a_volume_is_a_directory_of_the_pod() -> None:
    found = remote(location("pvc"))
    assert (found.root, found.claim, found.ports) == ("/store", "backups", ())
