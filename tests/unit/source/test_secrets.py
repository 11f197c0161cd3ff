from __future__ import annotations

import base64
import random
import string
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpc.source import Document, parse
from bpc.source.secrets import find_secrets, sensitive, suspicious

MANIFESTS = Path(__file__).parents[3].parent / "shared" / "corpus" / "manifests"

# Made up; spelled in two parts so that scanners of repositories do not take them for real.
SHAPED = {
    "an AWS access key": ["AKIA" + "QX7ZP3M5N2LKJ4HT", "ASIA" + "QX7ZP3M5N2LKJ4HT"],
    "an Alibaba Cloud access key": ["LTAI" + "5tQx7Zp3M5n2LkJ4hT9w"],
    "a Tencent Cloud access key": ["AKID" + "z8krbsJ5yKBZQpn74WFkmLPx3gnPhESA"],
    "a Google API key": ["AIza" + "SyD3xQ7Zp3M5n2LkJ4hT9wRb6Vc8Xf1Ga0E"],
    "an Azure storage key": [
        "DefaultEndpointsProtocol=https;AccountKey=" + "Ab1+" * 21 + "Zz==",
        "https://x.blob.example/c?sv=2&sig=" + "aB3%2F" * 8,
    ],
    "a GitHub token": ["ghp_" + "a1B2" * 9, "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL"],
    "a GitLab token": ["glpat-" + "aB3dE6gH9jK2mN5pQ8sT"],
    "a Slack token": [
        "xoxb-" + "123456789012-abcdefABCDEF",
        "https://hooks.slack.com/services/T0AB/B0CD/" + "aB3dE6gH9jK2mN5pQ8sTuVwX",
    ],
    "a webhook token": ["https://oapi.dingtalk.com/robot/send?access_token=" + "0a1b" * 16],
    "a Vault token": ["hvs." + "CAESIJ3xQ7Zp3M5n2LkJ4hT9wRb6Vc"],
    "a JSON web token": [
        "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTYifQ." + "c2lnbmF0dXJlLW9mLXRva2Vu"
    ],
    "a private key": [
        "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN " + "PRIVATE KEY-----\nMIIE",
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3Bl",
        "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----\n",
        base64.b64encode(b"-----BEGIN EC " + b"PRIVATE KEY-----\nMHcC").decode(),
        "AGE-SECRET-KEY-1" + "QX7ZP3M5N2LKJ4HT9WRB6VC8XF1GA0E",
    ],
    "an address with a password": [
        "postgres://backup:hunter2@db.example:5432/orders",
        "redis://:hunter2@cache.example:6379",
        "https://user:p4ss@registry.example/path",
        "see mongodb+srv://root:pw@cluster.example for details",
    ],
}
NAMED = [
    *[
        ("password", value)
        for value in ("hunter2!", "Tr0ub4dor&3", "correct horse", "a8f3x9k2q77p", "12345678")
    ],
    *[("token", value) for value in ("s.4hT9wRb6Vc8Xf1", "ZXhhbXBsZQ==", "a1b2c3d4e5f6a7b8c9d0")],
    *[("accessKeySecret", value) for value in ("kJ4hT9wRb6Vc8Xf1Ga0ESyD3xQ7Zp3",)],
    *[
        (key, "S3cr3t/Value+42")
        for key in ("secretKey", "secret_access_key", "PGPASSWORD", "clientSecret")
    ],
    *[
        (key, "S3cr3t/Value+42")
        for key in ("replicationPassword", "redis-password", "apiKey", "passphrase")
    ],
    *[
        (key, "kJ4hT9wRb6Vc8Xf1Ga0ESyD3xQ7Zp3M5n2L")
        for key in ("secret", "key", "credentials", "auth")
    ],
]
HARMLESS = [
    *[
        ("secret", value)
        for value in ("backup-oss", "orders-backup", "velero/cloud-credentials", "pg")
    ],
    *[
        ("password", value)
        for value in ("", "orders-backup", "redis-auth-2", "$PASSWORD", "${DB_PASSWORD}")
    ],
    *[
        ("password", value)
        for value in ("{{ .Values.password }}", "<password>", "***", "/run/secrets/pw")
    ],
    *[
        ("password", value)
        for value in ("file:/etc/pw", "vault:secret/data/db#password", "DB_PASSWORD")
    ],
    *[("token", value) for value in ("prometheus-token", "/var/run/secrets/token", "github")],
    ("passwordKey", "password"),
    ("secretName", "orders-backup-credentials-of-the-production-database"),
    ("key", "kms-backup-hz"),
    ("key", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("key", "projects/MyProject1/locations/europe/keyRings/Backup/cryptoKeys/Key1"),
    ("key", "node.kubernetes.io/disk-pressure"),
    ("secret", "d670460b4b4aece5915caf5c68d12f560a9fe3e4"),
    ("image", "ghcr.io/acme/backup@sha256:" + "0a1b2c3d" * 8),
    ("digest", "sha256:" + "0a1b2c3d" * 8),
    ("revision", "d670460b4b4aece5915caf5c68d12f560a9fe3e4"),
    ("key", "sha256:" + "0a1b2c3d" * 8),
    ("url", "https://oss-cn-hangzhou.aliyuncs.com:443/bucket?versionId=3"),
    ("url", "https://user@git.example/repo.git"),
    ("url", "postgres://backup:$PGPASSWORD@db.example/orders"),
    ("url", "postgres://backup:<password>@db.example/orders"),
    ("url", "ssh://git@git.example:22/repo@v2"),
    ("time", "https://a.example:8080/x?mail=me@b.example"),
    ("caCert", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n"),
    ("caBundle", base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE").decode()),
    ("public", "-----BEGIN PUBLIC KEY-----\nMIIB"),
    ("description", "The password is kept in the secret orders-backup; ask #shop-oncall"),
    ("authority", "CertificationAuthorityOfTheBackupTeam1"),
    ("bucket", "acme-backup-hz-AKIA"),
    ("monkey", "abcdefghijklmnopqrstuvwxyzabcdefghij"),
]


def _document(text: str) -> Document:
    (document,) = parse(text.encode(), "p.yaml").documents
    return document


@pytest.mark.parametrize(
    ("reason", "value"), [(reason, value) for reason, values in SHAPED.items() for value in values]
)
def test_value_in_the_shape_of_a_credential_is_found_under_any_key(reason: str, value: str) -> None:
    assert suspicious("note", value) == reason
    block = "".join(f"    {line}\n" for line in value.splitlines())
    (finding,) = find_secrets(_document(f"spec:\n  note: |-\n{block}"))
    assert finding.code.name == "inline-secret"
    assert finding.message == f"this looks like {reason}"
    assert finding.where.pointer == ("spec", "note")


@pytest.mark.parametrize(("key", "value"), NAMED)
def test_value_under_the_name_of_a_credential_is_found(key: str, value: str) -> None:
    assert suspicious(key, value)
    (finding,) = find_secrets(_document(f'spec: [{{{key}: "{value}"}}]\n'))
    assert finding.where.pointer == ("spec", 0, key)
    assert value not in repr(finding)


@pytest.mark.parametrize(("key", "value"), HARMLESS)
def test_reference_digest_and_prose_pass(key: str, value: str) -> None:
    assert suspicious(key, value) is None


def test_number_under_the_name_of_a_credential_is_found() -> None:
    assert [
        f.where.pointer for f in find_secrets(_document("password: 12345678\npaused: true\n"))
    ] == [("password",)]


def test_variable_is_judged_by_its_name() -> None:
    document = _document(
        "env:\n- {name: DB_PASSWORD, value: hunter2!}\n- {name: DB_HOST, value: hunter2!}\n"
    )
    assert [f.where.pointer for f in find_secrets(document)] == [("env", 0, "value")]


def test_items_of_a_list_are_judged_by_the_key_of_the_list() -> None:
    document = _document("tokens: [Hunter2!]\ntoken: [Hunter2!, backup-token]\n")
    assert [f.where.pointer for f in find_secrets(document)] == [("token", 0)]


def test_key_can_be_a_credential() -> None:
    key = SHAPED["an AWS access key"][0]
    (finding,) = find_secrets(_document(f"users:\n  {key}: admin\n"))
    assert finding.where.key
    assert key not in finding.message + finding.help


def test_shape_behind_an_escape_is_found() -> None:
    assert find_secrets(_document('note: "\\x41KIAQX7ZP3M5N2LKJ4HT"\n'))


def test_sensitive_is_the_name_of_a_credential_and_not_of_a_reference() -> None:
    assert all(map(sensitive, ("password", "dbPassword", "access_token", "secretKey")))
    assert not any(map(sensitive, ("passwordKey", "tokenFile", "secret", "key", "name")))


@given(st.randoms(use_true_random=False), st.integers(32, 64))
@settings(max_examples=100, deadline=None)
def test_random_base64_is_found_under_a_telling_key(source: random.Random, size: int) -> None:
    value = "".join(source.choices(string.ascii_letters + string.digits, k=size - 3)) + "aB1"
    restless = sum(
        a.isupper() != b.isupper() or a.isdigit() != b.isdigit() for a, b in pairwise(value)
    )
    assert suspicious("credentials", value) or restless < len(value) / 2


@given(st.from_regex(r"[a-z]{2,8}(-[a-z]{2,8}){1,4}(-[0-9]{1,4})?", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_names_of_objects_pass_under_every_key(name: str) -> None:
    assert [
        key for key in ("secret", "password", "token", "key", "apiKey") if suspicious(key, name)
    ] == []


def test_real_manifests_raise_no_false_alarm() -> None:
    if not MANIFESTS.is_dir():
        pytest.skip("needs ../shared/corpus/manifests: real manifests")
    documents = [
        document
        for path in MANIFESTS.rglob("*.y*ml")
        for document in parse(path.read_bytes(), str(path)).documents
    ]
    assert len(documents) > 200
    assert [finding.where for document in documents for finding in find_secrets(document)] == []
