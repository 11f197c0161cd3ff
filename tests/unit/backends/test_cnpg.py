"""What the back end for CloudNativePG writes: its schedule object in its own dialect, and steps."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bpc.backends import cnpg
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import needs_newer_cnpg, operator_not_supported, schedule_not_for_server
from bpc.validate import Target, validator
from tests.estates import Estate, estate

RENDER = Renderer(templates())
POLICY = """
kind: Cluster
spec:
  addons: {{cnpg: "{release}"}}
---
kind: BackupPolicy
spec:
  datasets:
    - name: orders
      type: postgresql
      namespace: shop
      managedBy: cnpg
      copies: {{to: []}}
      {more}
"""


def found(more: str = "size: 1Gi", release: str = "1.30") -> Estate:
    result = estate(POLICY.format(more=more, release=release))
    assert not [each for each in result.findings if each.code.severity == "error"], result.findings
    return result


def spec(result: Estate) -> dict[str, Any]:
    (file,) = [file for plan in result.policies for file in cnpg.policy(plan, RENDER)]
    assert file.data is not None
    release = result.policies[0].cluster.spec.addons.cnpg
    assert validator(Target("1.31", cnpg=release)).check(file.data) == []
    data: Any = file.data
    assert data["metadata"]["namespace"] == "shop"
    body: dict[str, Any] = data["spec"]
    return body


@pytest.mark.parametrize(
    ("cron", "zone", "said"),
    [
        ("0 2 * * *", "UTC", "0 0 2 * * *"),
        ("0 2 * * 1-5", "Asia/Shanghai", "0 0 18 * * 0-4"),
        ("15 */6 * * *", "UTC", "0 15 0,6,12,18 * * *"),
    ],
)
def test_a_schedule_has_seconds_first_and_is_in_utc(cron: str, zone: str, said: str) -> None:
    result = found(f'schedule: {{cron: "{cron}", timeZone: {zone}}}')
    assert spec(result)["schedule"] == said


def test_backups_outlive_their_schedule() -> None:
    body = spec(found())
    assert body["backupOwnerReference"] == "none"
    assert body["immediate"] is True
    assert body["cluster"] == {"name": "orders"}
    assert "suspend" not in body


@pytest.mark.parametrize(
    ("more", "release", "expected"),
    [
        ("size: 1Gi", "1.24", {"method": "plugin"}),
        ("cnpg: {method: barman-object-store}", "1.20", {}),
        ("cnpg: {method: volume-snapshot, cluster: db}", "1.21", {"method": "volumeSnapshot"}),
        ("cnpg: {target: primary}", "1.30", {"target": "primary", "method": "plugin"}),
    ],
)
def test_each_method_is_said_in_the_words_of_the_release(
    more: str, release: str, expected: dict[str, str]
) -> None:
    result = found(more, release)
    body = spec(result)
    assert {key: body[key] for key in ("method", "target") if key in body} == expected
    assert ("pluginConfiguration" in body) == (expected.get("method") == "plugin")
    assert [*needs_newer_cnpg.check(result.policies[0])] == []


def test_a_plug_in_gets_its_parameters() -> None:
    more = "cnpg: {plugin: own.example, parameters: {barmanObjectName: store}}"
    expected = {"name": "own.example", "parameters": {"barmanObjectName": "store"}}
    assert spec(found(more))["pluginConfiguration"] == expected


def test_a_paused_dataset_is_suspended() -> None:
    assert spec(found("paused: true"))["suspend"] is True


def test_a_manual_dataset_has_no_schedule() -> None:
    result = found("schedule: manual")
    assert [file for plan in result.policies for file in cnpg.policy(plan, RENDER)] == []


def test_a_zone_whose_clocks_change_is_refused_where_it_is_written() -> None:
    result = found('schedule: {cron: "0 2 * * *", timeZone: Europe/Berlin}')
    (finding,) = schedule_not_for_server.check(result.policies[0])
    assert finding.where.pointer == ("spec", "datasets", 0, "schedule")


def test_a_release_that_lacks_the_method_is_refused() -> None:
    (finding,) = needs_newer_cnpg.check(found(release="1.23").policies[0])
    assert "came with 1.24" in finding.message


@pytest.mark.parametrize(
    ("kind", "operator"),
    [
        ("mariadb", "mariadb-operator"),
        ("mysql", "percona-mysql"),
        ("mongodb", "percona-mongodb"),
        ("elasticsearch", "eck"),
    ],
)
def test_other_operators_are_refused_and_told_what_is_supported(kind: str, operator: str) -> None:
    text = POLICY.replace("type: postgresql", f"type: {kind}").replace("cnpg\n", f"{operator}\n")
    result = estate(text.format(release="1.30", more="size: 1Gi"))
    (finding,) = operator_not_supported.check(result.policies[0])
    assert operator in finding.message
    assert "`cnpg`" in finding.message


def test_settings_of_the_operator_without_the_operator_are_refused() -> None:
    text = POLICY.replace("managedBy: cnpg", "connection: {{host: orders}}")
    with pytest.raises(ValidationError, match="only counts where CloudNativePG manages"):
        estate(text.format(release="1.30", more="cnpg: {cluster: orders}"))


@pytest.mark.parametrize("method", ["plugin", "barman-object-store", "volume-snapshot"])
@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss"])
def test_the_steps_make_a_new_cluster(scenario: str, method: str) -> None:
    (plan,) = found(f"cnpg: {{method: {method}}}").policies
    steps = cnpg.dataset_steps(plan, plan.datasets[0], scenario)
    assert len(steps) == 3
    assert "bootstrap.recovery" in steps[1].expected
    assert all(len(line) <= 100 for step in steps for line in step.command.splitlines())
    assert cnpg.dataset_steps(plan, plan.datasets[0], "region-loss") == ()
