"""What the export of API objects may read and write, in which order, and what its runbook says."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from bpc.backends.resources import BACKEND
from bpc.plan.kinds import CLUSTER_WIDE, NAMESPACED, NOT_EXPORTED, in_order, whole_name
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import kind_not_exported, resources_without_kinds, secrets_not_chosen
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
    - name: objects
      type: resources
      namespace: backup
{dataset}
"""
CHOSEN = """
namespaces: [shop, db]
kinds: [deployments.apps, configmaps, widgets.acme.example]
clusterKinds: [namespaces, customresourcedefinitions.apiextensions.k8s.io]
secrets: encrypt
"""


def made(dataset: str) -> Estate:
    return estate(POLICY.format(dataset=textwrap.indent(textwrap.dedent(dataset), " " * 6)))


def objects(dataset: str, *, applied: bool = True) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the objects by kind and namespace; each has to be one that a cluster accepts."""
    found = made(dataset)
    judge = validator(target(found.clusters["prod"]))
    result = {}
    for artifact in BACKEND.policy(found.policies[0], RENDER):
        if artifact.data is None or artifact.applied != applied:
            continue
        assert judge.check(artifact.data, artifact.privileges) == []
        manifest: Any = artifact.data
        if "metadata" in manifest:
            meta = manifest["metadata"]
            result[manifest["kind"], meta.get("namespace", "")] = manifest
    return result


def rights(manifest: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rule in manifest["rules"]:
        (group,), (resource,) = rule["apiGroups"], rule["resources"]
        name = f"{resource}.{group}" if group else resource
        found[name] = sorted({*found.get(name, ()), *rule["verbs"]})
    return found


def env(manifest: dict[str, Any]) -> dict[str, str]:
    spec = manifest["spec"]
    pod = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    return {each["name"]: each.get("value", "") for each in pod["containers"][-1]["env"]}


def test_the_job_may_read_the_chosen_kinds_and_nothing_else() -> None:
    found = objects(CHOSEN)
    reading = ["get", "list"]
    for namespace in ("shop", "db"):
        assert rights(found["Role", namespace]) == {
            "secrets": reading,
            "configmaps": reading,
            "widgets.acme.example": reading,
            "deployments.apps": reading,
            "namespaces": ["get"],
        }
        subject = found["RoleBinding", namespace]["subjects"][0]
        assert subject["namespace"] == "backup"
        assert subject["name"] == found["ServiceAccount", "backup"]["metadata"]["name"]
    assert rights(found["ClusterRole", ""]) == {
        "namespaces": reading,
        "customresourcedefinitions.apiextensions.k8s.io": reading,
    }
    assert ("Role", "backup") not in found


def test_without_namespaces_everything_is_a_cluster_role_s_and_no_secret_is() -> None:
    found = objects("kinds: [configmaps]")
    assert rights(found["ClusterRole", ""]) == {"configmaps": ["get", "list"]}
    assert not [kind for kind, _ in found if kind == "Role"]
    assert env(found["CronJob", "backup"])["NAMESPACES"] == ""


def test_what_the_restore_may_do_is_not_applied_with_the_rest() -> None:
    writing = ["create", "get", "list", "update"]
    found = objects(CHOSEN, applied=False)
    assert rights(found["Role", "shop"])["secrets"] == writing
    assert rights(found["Role", "shop"])["namespaces"] == ["get"]
    wide = rights(found["ClusterRole", ""])
    assert wide["namespaces"] == writing
    assert wide["customresourcedefinitions.apiextensions.k8s.io"] == sorted([*writing, "watch"])
    binding = found["RoleBinding", "db"]
    assert binding["subjects"][0]["name"] == "shop--objects--restore"
    assert binding["roleRef"]["name"] == found["Role", "db"]["metadata"]["name"]


@pytest.mark.parametrize("applied", [True, False])
def test_the_pod_has_a_token_and_reaches_the_api_server(applied: bool) -> None:
    found = objects(CHOSEN, applied=applied)
    spec = found["CronJob" if applied else "Job", "backup"]["spec"]
    pod = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is True
    if applied:
        ports = [
            each["port"] for each in found["NetworkPolicy", "backup"]["spec"]["egress"][0]["ports"]
        ]
        assert {443, 6443} <= {*ports}


def test_kinds_come_back_in_an_order_in_which_they_can_be_made() -> None:
    lines = env(objects(CHOSEN)["CronJob", "backup"])["KINDS"].splitlines()
    assert lines == [
        "cluster namespaces",
        "cluster customresourcedefinitions.apiextensions.k8s.io",
        "namespaced secrets",
        "namespaced configmaps",
        "namespaced widgets.acme.example",
        "namespaced deployments.apps",
    ]


def test_the_restore_knows_the_objects_that_belong_to_it() -> None:
    own = env(objects(CHOSEN, applied=False)["Job", "backup"])["OWN"].splitlines()
    assert own == ["shop--objects--wanted", "shop--objects--restore-administrator"]


def test_the_runbook_asks_for_namespaces_first() -> None:
    plan = made(CHOSEN).policies[0]
    steps = BACKEND.dataset_steps(plan, plan.datasets[0], "cluster-loss")
    assert steps[0].command == "kubectl get namespaces backup db shop"
    assert not [step for step in steps if "cluster-admin" in step.command]


def test_only_a_person_lets_a_restore_write_roles_and_takes_that_back() -> None:
    plan = made("clusterKinds: [clusterroles.rbac.authorization.k8s.io]").policies[0]
    for scenario in ("cluster-loss", "operator-error"):
        steps = BACKEND.dataset_steps(plan, plan.datasets[0], scenario)
        commands = [step.command for step in steps]
        (allowed,) = [at for at, each in enumerate(commands) if "cluster-admin" in each]
        assert "backup:shop--objects--restore" in commands[allowed]
        assert commands[-1].endswith('kubectl delete clusterrolebinding "$BINDING"')
    for applied in (True, False):
        verbs = {verb for verbs in _verbs(applied=applied) for verb in verbs}
        assert not verbs & {"escalate", "bind", "impersonate", "*"}


def _verbs(*, applied: bool) -> list[list[str]]:
    found = objects("clusterKinds: [clusterroles.rbac.authorization.k8s.io]", applied=applied)
    return list(rights(found["ClusterRole", ""]).values())


def test_a_dataset_that_somebody_else_holds_makes_nothing() -> None:
    held = "kinds: [configmaps]\nheldBy: {who: team, evidence: a wiki}"
    assert objects(held) == {}


def test_no_kind_is_in_two_lists() -> None:
    assert not CLUSTER_WIDE & NAMESPACED
    assert not (CLUSTER_WIDE | NAMESPACED) & NOT_EXPORTED.keys()


def test_the_order_names_only_known_kinds() -> None:
    known = in_order(CLUSTER_WIDE | NAMESPACED)
    middle = known.index("csidrivers.storage.k8s.io")
    assert in_order([*known, "zz.example"]).index("zz.example") > middle
    assert known[0] == "namespaces"
    assert known[-1] == "apiservices.apiregistration.k8s.io"


def test_half_a_name_is_completed() -> None:
    assert whole_name("deployments") == "deployments.apps"
    assert whole_name("pods") is None
    assert whole_name("widgets") is None


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("kinds: [deployments]", "`deployments` is only half a name"),
        ("kinds: [pods]", "`pods` must not come back: its controller makes it again"),
        ("kinds: [namespaces]", "`namespaces` stands in the wrong list"),
        ("clusterKinds: [configmaps]", "`configmaps` stands in the wrong list"),
    ],
)
def test_a_kind_is_told_at_its_place(dataset: str, message: str) -> None:
    (finding,) = kind_not_exported.check(made(dataset).policies[0])
    assert finding.message == message
    assert finding.where.pointer[-1] == 0


def test_secrets_are_only_chosen_on_purpose() -> None:
    messages = [
        finding.message
        for dataset in ("kinds: [secrets]", "secrets: encrypt", "clusterKinds: [secrets]")
        for finding in secrets_not_chosen.check(made(dataset).policies[0])
    ]
    assert len(messages) == 3
    assert not list(secrets_not_chosen.check(made(CHOSEN).policies[0]))


def test_secrets_alone_are_an_export() -> None:
    plan = made("namespaces: [shop]\nsecrets: encrypt").policies[0]
    assert not list(resources_without_kinds.check(plan))
    assert json.dumps(objects("namespaces: [shop]\nsecrets: encrypt")["Role", "shop"]["rules"])
