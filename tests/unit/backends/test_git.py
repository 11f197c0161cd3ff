"""What the mirror of repositories is given: addresses, accounts, keys, names, ports."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from bpc.backends.git import BACKEND
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import ssh_key_missing
from bpc.validate import validator
from tests.estates import Estate, estate
from tests.unit.backends.velero_estates import target

RENDER = Renderer(templates())
POLICY = """
kind: Location
metadata: {{name: s3}}
spec: {{encryption: {{secret: backup-key}}}}
---
kind: BackupPolicy
spec:
  datasets:
    - name: code
      type: git
      namespace: flux-system
{dataset}
"""
ALL = """
repositories: ["https://git.example:8443/a/fleet.git", "ssh://git@git.example/b/fleet", "https://git.example/x/"]
credentials: {secret: reader}
restoreCredentials: {secret: writer}
sshKey: {secret: deploy-key}
caSecret: acme-ca
"""


def made(dataset: str) -> Estate:
    return estate(POLICY.format(dataset=textwrap.indent(textwrap.dedent(dataset), " " * 6)))


def written(dataset: str) -> dict[str, dict[str, Any]]:
    """Return the objects by kind; each has to be one that a cluster accepts."""
    found = made(dataset)
    judge = validator(target(found.clusters["prod"]))
    result = {}
    for artifact in BACKEND.policy(found.policies[0], RENDER):
        if artifact.data is not None and "metadata" in artifact.data:
            assert judge.check(artifact.data, artifact.privileges) == []
            if artifact.applied or artifact.data["kind"] == "Job":
                manifest: Any = artifact.data
                result[manifest["kind"]] = manifest
    return result


def pod_of(manifest: dict[str, Any]) -> dict[str, Any]:
    spec = manifest["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    return found


def env(manifest: dict[str, Any]) -> dict[str, str]:
    return {
        each["name"]: each.get("value", "") for each in pod_of(manifest)["containers"][-1]["env"]
    }


def secrets(manifest: dict[str, Any]) -> dict[str, str]:
    volumes = pod_of(manifest)["volumes"]
    return {v["name"]: v["secret"]["secretName"] for v in volumes if "secret" in v}


def test_each_repository_has_a_part_and_a_name_of_its_own() -> None:
    lines = env(written(ALL)["CronJob"])["REPOSITORIES"].splitlines()
    parts, addresses, names = zip(*(line.split(" ") for line in lines), strict=True)
    assert list(addresses) == [
        "https://git.example/x/",
        "https://git.example:8443/a/fleet.git",
        "ssh://git@git.example/b/fleet",
    ]
    assert len(set(parts)) == len(set(names)) == 3
    assert names[0] == "x.git"
    assert all(name.startswith("fleet-") for name in names[1:])


def test_a_part_keeps_its_name_when_other_repositories_come() -> None:
    one = env(written('repositories: ["https://git.example/x"]')["CronJob"])["REPOSITORIES"]
    more = 'repositories: ["https://git.example/a", "https://git.example/x"]'
    assert one.split(" ")[0] in env(written(more)["CronJob"])["REPOSITORIES"]


def test_a_repository_that_is_named_twice_is_mirrored_once() -> None:
    twice = 'repositories: ["https://git.example/x", "https://git.example/x"]'
    assert len(env(written(twice)["CronJob"])["REPOSITORIES"].splitlines()) == 1


def test_only_the_restore_holds_what_may_write() -> None:
    found = written(ALL)
    backup, restore = secrets(found["CronJob"]), secrets(found["Job"])
    assert backup["git-credentials"] == "reader"
    assert restore["git-credentials"] == "writer"
    assert backup["ssh-credentials"] == restore["ssh-credentials"] == "deploy-key"
    assert env(found["CronJob"])["CA_FILE"] == "/credentials/authority/ca.crt"


def test_the_ports_are_those_of_the_addresses() -> None:
    rules = written(ALL)["NetworkPolicy"]["spec"]["egress"][0]["ports"]
    assert [each["port"] for each in rules] == [53, 53, 22, 443, 8443]


def test_the_pod_is_a_user_whom_ssh_finds_and_has_no_token() -> None:
    pod = pod_of(written(ALL)["CronJob"])
    assert pod["securityContext"]["runAsUser"] == 65534
    assert pod["automountServiceAccountToken"] is False


def test_public_repositories_need_nothing() -> None:
    found = written('repositories: ["https://git.example/x"]')["CronJob"]
    assert set(secrets(found)) == {"store-credentials", "encryption-credentials"}
    assert env(found)["LFS"] == "refuse"


@pytest.mark.parametrize(
    ("dataset", "target"),
    [
        (ALL, "an empty repository's parent, below which each has its own name"),
        ('repositories: ["https://git.example/x"]', "the address of an empty repository"),
    ],
)
def test_the_runbook_says_what_a_restore_beside_is_given(dataset: str, target: str) -> None:
    plan = made(dataset).policies[0]
    steps = BACKEND.dataset_steps(plan, plan.datasets[0], "operator-error")
    assert steps[-1].purpose.endswith(target)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            'repositories: ["https://git.example/x", "ssh://git.example/x"]',
            "nothing opens `ssh://git.example/x`",
        ),
        (
            'repositories: ["https://git.example/x"]\nsshKey: {secret: k}',
            "`sshKey` of `shop/code` opens nothing: no repository begins with `ssh://`",
        ),
        (
            'repositories: ["ssh://git.example/x"]\nsshKey: {secret: k}\ncredentials: {secret: c}',
            "`credentials` of `shop/code` opens nothing: no repository begins with `https://`",
        ),
    ],
)
def test_addresses_and_what_opens_them_fit(dataset: str, message: str) -> None:
    (finding,) = ssh_key_missing.check(made(dataset).policies[0])
    assert finding.message == message


def test_a_dataset_that_somebody_else_holds_makes_nothing() -> None:
    held = 'repositories: ["https://git.example/x"]\nheldBy: {who: provider, evidence: a contract}'
    assert written(held) == {}
