"""What the back end for Elasticsearch and OpenSearch writes: what the server is told, pods, and steps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bpc.backends import search
from bpc.backends.search.desired import whole
from bpc.plan.artifact import Artifact
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import location_not_for_snapshots, schedule_not_for_server
from bpc.validate import Target, validator
from tests.estates import Estate, estate

RENDER = Renderer(templates())
POLICY = """
kind: Tier
spec:
  copies: {{to: [{copies}]}}
  retention: {{{retention}}}
---
kind: BackupPolicy
spec:
  timeZone: {zone}
  datasets:
    - name: search
      type: {flavour}
      namespace: shop
      {more}
      connection:
        host: search
        credentials: {{secret: backup}}
        restoreCredentials: {{secret: restore}}
        tls: {{caSecret: ca}}
"""
LOCATIONS = """
kind: Location
metadata: {name: s3}
spec: {endpoint: "https://minio.example:9000", pathStyle: true, prefix: deep}
---
kind: Location
metadata: {name: blob}
spec:
  type: azure
  bucket: container
  storageAccount: acmebackup
  resourceGroup: backup
  site: {provider: azure, region: westeurope, account: backup, realm: backup-admins}
  medium: object-store
---
kind: Location
metadata: {name: gcs}
spec:
  type: gcs
  bucket: bucket
  site: {provider: gcp, region: europe-west4, account: backup, realm: backup-admins}
  medium: object-store
---
"""


def found(
    flavour: str = "elasticsearch",
    copies: str = "s3",
    retention: str = "daily: 14",
    zone: str = "UTC",
    more: str = "size: 1Gi",
) -> Estate:
    values = {"flavour": flavour, "copies": copies, "retention": retention, "zone": zone}
    result = estate(LOCATIONS + POLICY.format(**values, more=more))
    assert not [each for each in result.findings if each.code.severity == "error"], result.findings
    return result


def files(result: Estate) -> dict[str, Artifact]:
    return {file.path: file for plan in result.policies for file in search.policy(plan, RENDER)}


def told(result: Estate, location: str = "s3") -> dict[str, Any]:
    data: Any = next(f.data for p, f in files(result).items() if "/configmap-" in p)
    document: dict[str, Any] = json.loads(data["data"][f"{location}.json"])
    return document


@pytest.mark.parametrize("flavour", ["elasticsearch", "opensearch"])
@pytest.mark.parametrize("kubernetes", ["1.25", "1.31", "1.34"])
def test_kubernetes_takes_every_object(flavour: str, kubernetes: str) -> None:
    judge = validator(Target(kubernetes))
    for file in files(found(flavour, "s3, {location: gcs, every: 1d}")).values():
        assert file.data is not None
        if file.data["kind"] != "Kustomization":
            assert judge.check(file.data) == [], file.path


@pytest.mark.parametrize(
    ("location", "kind", "settings"),
    [
        (
            "s3",
            "s3",
            {
                "bucket": "acme-backup",
                "endpoint": "https://minio.example:9000",
                "path_style_access": "true",
                "base_path": "deep/bpc.points/prod/shop/search",
            },
        ),
        ("blob", "azure", {"container": "container"}),
        ("gcs", "gcs", {"bucket": "bucket"}),
    ],
)
def test_each_kind_of_location_is_a_kind_of_repository(
    location: str, kind: str, settings: dict[str, str]
) -> None:
    body = told(found(copies=location), location)["repository"]["body"]
    assert body["type"] == kind
    usual = {"client": "default", "base_path": "bpc.points/prod/shop/search"}
    assert body["settings"] == usual | settings


def test_each_rung_is_a_policy_with_times_and_a_retention_of_its_own() -> None:
    policies = told(found(retention="hourly: 36, daily: 14, weekly: 8"))["policies"]
    kept = [each["body"]["retention"]["expire_after"] for each in policies]
    assert kept == ["2d", "14d", "56d"]
    assert len({each["body"]["schedule"] for each in policies}) == 3
    assert all(each["body"]["schedule"].startswith("0 ") for each in policies)
    ages = [each["oldest"] for each in policies]
    assert ages == sorted(ages)


def test_opensearch_gets_its_own_zone_and_whole_units() -> None:
    (policy,) = told(found("opensearch", zone="Europe/Berlin"))["policies"]
    body = policy["body"]
    assert body["creation"]["schedule"]["cron"]["timezone"] == "Europe/Berlin"
    condition = body["deletion"]["condition"]
    assert condition["max_count"] > condition["min_count"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1s"), (90, "2m"), (5_400, "2h"), (86_400, "1d"), (129_600, "2d"), (1_209_600, "14d")],
)
def test_a_time_is_whole_in_its_largest_unit(seconds: int, text: str) -> None:
    assert whole(seconds) == text


def test_only_exclusions_are_exclusions_of_everything() -> None:
    (policy,) = told(found(more="indices: [-tmp-*]"))["policies"]
    assert policy["body"]["config"]["indices"] == "*,-tmp-*"


def test_a_replicated_bucket_is_restored_from_and_not_written_to() -> None:
    result = found(copies="s3, {location: blob, from: s3, lag: 15m}")
    made = files(result)
    jobs = [file for file in made.values() if file.data and file.data["kind"] == "CronJob"]
    assert len(jobs) == 1
    data: Any = made["restore/shop/search/blob/configmap.yaml"].data
    document = json.loads(data["data"]["blob.json"])
    assert document["policies"] == []
    assert document["subject"] == "prod/shop/search/s3"
    assert document["repository"]["body"]["settings"]["base_path"].startswith("deep/")


def test_the_backup_job_has_no_credentials_of_the_restore() -> None:
    made = files(found())
    cron: Any = next(f for p, f in made.items() if "/cronjob-" in p).data
    job: Any = made["restore/shop/search/s3/job.yaml"].data
    volumes = [cron["spec"]["jobTemplate"], job]
    secrets = [
        {
            v["secret"]["secretName"]
            for v in each["spec"]["template"]["spec"]["volumes"]
            if "secret" in v
        }
        for each in volumes
    ]
    assert secrets == [{"backup", "ca"}, {"restore", "ca"}]


def test_a_paused_dataset_keeps_a_job_that_stops_the_server() -> None:
    made = files(found(more="paused: true"))
    cron: Any = next(f for p, f in made.items() if "/cronjob-" in p).data
    assert "suspend" not in cron["spec"]
    pod = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert {"name": "PAUSED", "value": "true"} in pod["containers"][0]["env"]


def test_an_operators_own_cluster_is_left_alone() -> None:
    result = found(more="managedBy: eck")
    assert files(result) == {}
    (dataset,) = result.policies[0].datasets
    assert search.dataset_steps(result.policies[0], dataset, "cluster-loss") == ()


@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss", "region-loss"])
def test_steps_are_complete_and_narrow(scenario: str) -> None:
    result = found()
    (plan,) = result.policies
    steps = search.dataset_steps(plan, plan.datasets[0], scenario)
    assert bool(steps) == (scenario != "region-loss")
    for step in steps:
        assert step.expected
        assert step.otherwise
        assert max(len(line) for line in step.command.splitlines()) <= 100


@pytest.mark.parametrize(
    ("copies", "more", "said"),
    [
        ("s3, {location: gcs, from: s3, every: 1d}", "size: 1Gi", "no job can copy the snapshots"),
        ("{location: s3, engine: restic}", "size: 1Gi", "without `restic`"),
        ("s3", 'version: "1.3"', "before release"),
        ("s3", 'version: "7.3"', "before release"),
    ],
)
def test_copies_that_the_server_cannot_make_are_refused(copies: str, more: str, said: str) -> None:
    flavour = "opensearch" if "1.3" in more else "elasticsearch"
    (plan,) = found(flavour, copies, more=more).policies
    assert said in next(iter(location_not_for_snapshots.check(plan))).message


@pytest.mark.parametrize(
    ("schedule", "zone", "flavour", "said"),
    [
        ("*/5 * * * *", "UTC", "elasticsearch", "more often than Elasticsearch allows"),
        ("0 2 1 * 1", "UTC", "elasticsearch", "nothing that Elasticsearch can run"),
        ("0 2 1 * 1", "UTC", "opensearch", "nothing that OpenSearch can run"),
        ("0 2 * * *", "Europe/Berlin", "elasticsearch", "nothing that Elasticsearch can run"),
        ("0 2 * * *", "Europe/Berlin", "opensearch", ""),
        ("*/5 * * * *", "UTC", "opensearch", ""),
    ],
)
def test_times_that_the_server_cannot_run_at_are_refused(
    schedule: str, zone: str, flavour: str, said: str
) -> None:
    more = f'schedule: {{cron: "{schedule}", timeZone: {zone}}}'
    (plan,) = found(flavour, more=more).policies
    messages = [each.message for each in schedule_not_for_server.check(plan)]
    assert len(messages) == bool(said)
    assert all(said in each for each in messages)
