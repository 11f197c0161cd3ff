"""The export's script in several shells, against a stand-in for kubectl and its API server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shells import SHELLS, every
from tests.unit.backends.kubectl_stand_in import PROGRAM, State
from tests.unit.backends.method_shell import MethodShell

SCRIPT = "resources/scripts/export.sh"
HOSTILE = 'it\'s "$(x)" `y` ${z} \\n \n\t😀 %s'
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
WIDGETS = "widgets.acme-corp.example"
KINDS = (
    *("cluster namespaces", f"cluster {CRDS}", "namespaced serviceaccounts", "namespaced secrets"),
    *("namespaced configmaps", "namespaced services", f"namespaced {WIDGETS}"),
    "namespaced deployments.apps",
)
PARTS = (
    *("namespaces", "customresourcedefinitions-apiextensions-k8s-io", "serviceaccounts"),
    *("secrets", "configmaps", "services", "widgets-acme--corp-example", "deployments-apps"),
)


def thing(
    api: str, kind: str, name: str, namespace: str | None = "shop", **more: Any
) -> dict[str, Any]:
    inside = {"namespace": namespace} if namespace else {}
    meta = more.pop("metadata", {})
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **inside, **meta}, **more}


def fill(state: State) -> None:
    for line in KINDS:
        scope, kind = line.split()
        state.serve(kind, namespaced=scope == "namespaced")
    for name in ("shop", "other", "kube-system"):
        state.add("namespaces", thing("v1", "Namespace", name, None))
    names = {"plural": "widgets", "kind": "Widget"}
    crd = thing(
        *("apiextensions.k8s.io/v1", "CustomResourceDefinition", WIDGETS, None),
        spec={"group": "acme-corp.example", "names": names},
    )
    state.add(CRDS, crd)
    state.add("serviceaccounts", thing("v1", "ServiceAccount", "default"))
    state.add("secrets", thing("v1", "Secret", "db", type="Opaque", data={"p": "aHVudGVyMg=="}))
    token = "kubernetes.io/service-account-token"  # noqa: S105 - the name of a type
    state.add("secrets", thing("v1", "Secret", "default-token-x", type=token))
    for name in ("zeta", "alpha"):
        owners = [{"kind": "App", "name": "a", "uid": "old", "controller": True}]
        made = thing(
            "v1", "ConfigMap", name, data={"k": HOSTILE}, metadata={"ownerReferences": owners}
        )
        state.add("configmaps", made)
    state.add("configmaps", thing("v1", "ConfigMap", "kube-root-ca.crt", data={"ca.crt": "old"}))
    state.add("configmaps", thing("v1", "ConfigMap", "elsewhere", "other"))
    state.add("services", thing("v1", "Service", "web", spec={"clusterIP": "10.0.0.7"}))
    state.add("services", thing("v1", "Service", "headless", spec={"clusterIP": "None"}))
    state.add(WIDGETS, thing("acme-corp.example/v1", "Widget", "w", spec={"size": 3}))
    state.add("deployments.apps", thing("apps/v1", "Deployment", "web", spec={"replicas": 2}))


@pytest.fixture(params=every(SHELLS))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> MethodShell:
    environment = {"KINDS": "\n".join(KINDS), "NAMESPACES": "shop", "OWN": "p--d--wanted\np--x"}
    made = MethodShell(request.param, SCRIPT, tmp_path, environment, {"kubectl": PROGRAM})
    state = State(tmp_path)
    fill(state)
    state.save()
    return made


def state_of(shell: MethodShell) -> State:
    return State(shell.home)


def change(shell: MethodShell, **values: Any) -> None:
    state = state_of(shell)
    for name, value in values.items():
        setattr(state, name, value)
    state.save()


def back(shell: MethodShell, parts: dict[str, bytes]) -> None:
    for part, data in parts.items():
        done = shell.run("restore", part, given=data)
        assert done.returncode == 0, done.stderr.decode()


def empty(shell: MethodShell) -> None:
    """Put a new cluster in the place of the old one."""
    state = state_of(shell)
    for kind, objects in state.objects.items():
        objects.clear()
        if kind == WIDGETS:
            state.kinds.pop(kind)
    state.add("namespaces", thing("v1", "Namespace", "shop", None))
    state.add("serviceaccounts", thing("v1", "ServiceAccount", "default"))
    state.add("configmaps", thing("v1", "ConfigMap", "kube-root-ca.crt", data={"ca.crt": "new"}))
    state.add("configmaps", thing("v1", "ConfigMap", "p--d--wanted"))
    labels = {"labels": {"app.kubernetes.io/managed-by": "bpc"}}
    state.add("configmaps", thing("v1", "ConfigMap", "scripts", metadata=labels))
    state.save()


def test_the_check_names_programs_and_server(shell: MethodShell) -> None:
    lines = shell.lines("check")
    assert lines[:2] == ["kubectl v1.32.3", "server v1.31.9"]
    assert lines[2].startswith("jq ")


def test_there_is_a_part_for_each_kind_in_order(shell: MethodShell) -> None:
    assert tuple(shell.lines("parts")) == PARTS


def test_kinds_whose_names_differ_by_dots_and_dashes_are_different_parts(
    shell: MethodShell,
) -> None:
    kinds = ("a-b.c", "a.b-c", "a.b.c", "a--b.c", "a-b-c")
    lines = shell.lines("parts", KINDS="\n".join(f"cluster {kind}" for kind in kinds))
    assert len(set(lines)) == len(kinds)


def test_a_part_holds_each_object_once_and_nothing_that_the_server_writes(
    shell: MethodShell,
) -> None:
    *lines, end = [json.loads(line) for line in shell.capture("configmaps").splitlines()]
    assert [line["metadata"]["name"] for line in lines] == ["alpha", "kube-root-ca.crt", "zeta"]
    assert lines[0]["data"] == {"k": HOSTILE}
    assert set(lines[1]) == {"apiVersion", "kind", "metadata", "data"}
    assert set(lines[1]["metadata"]) == {"name", "namespace"}
    assert end == ["end", "configmaps", 3]


def test_an_export_does_not_change_unless_an_object_does(shell: MethodShell) -> None:
    before = shell.capture("configmaps")
    state = state_of(shell)
    state.objects["configmaps"].reverse()
    for each in state.objects["configmaps"]:
        each["metadata"]["resourceVersion"] = "99"
        each["metadata"] = dict(reversed(each["metadata"].items()))
    state.save()
    assert shell.capture("configmaps") == before


def test_a_kind_without_objects_is_a_whole_part(shell: MethodShell) -> None:
    change(shell, objects=state_of(shell).objects | {"services": []})
    assert shell.capture("services") == b'["end","services",0]\n'


def test_all_namespaces_are_read_when_none_is_named(shell: MethodShell) -> None:
    done = shell.run("capture", "configmaps", NAMESPACES="")
    assert done.returncode == 0, done.stderr.decode()
    assert b'"elsewhere"' in done.stdout
    assert done.stdout.endswith(b'["end","configmaps",4]\n')


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1][: data[:-1].rfind(b"\n") + 1],
        lambda data: data[: len(data) // 2],
        lambda data: data.split(b"\n", 1)[1],
        lambda data: data + data,
        lambda data: data.replace(b'"alpha"', b"5", 1),
        lambda data: data[:0],
    ],
    ids=["end", "half", "line", "twice", "name", "nothing"],
)
def test_a_part_that_lost_something_is_not_verified(shell: MethodShell, damage: Any) -> None:
    whole = shell.capture("configmaps")
    assert shell.run("verify", "configmaps", given=damage(whole)).returncode != 0


def test_a_part_of_another_kind_is_not_verified(shell: MethodShell) -> None:
    whole = shell.capture("configmaps")
    assert shell.run("verify", "services", given=whole).returncode != 0


def test_a_kind_that_is_not_served_fails(shell: MethodShell) -> None:
    kinds = state_of(shell).kinds
    kinds.pop("deployments.apps")
    change(shell, kinds=kinds)
    done = shell.run("check")
    assert done.returncode == 1
    assert b"the API server has no kind deployments.apps" in done.stderr
    assert shell.run("capture", "deployments-apps").returncode == 1


def test_a_kind_of_the_other_scope_fails(shell: MethodShell) -> None:
    done = shell.run("check", KINDS="namespaced namespaces")
    assert done.returncode == 1
    assert b"belongs into the policy's other list" in done.stderr


def test_a_namespace_that_does_not_exist_fails(shell: MethodShell) -> None:
    done = shell.run("check", NAMESPACES="shop\nshpo")
    assert done.returncode == 1
    assert b"namespace shpo cannot be read" in done.stderr


@pytest.mark.parametrize("call", ["get configmaps", "get *"])
def test_an_api_server_that_fails_makes_no_part(shell: MethodShell, call: str) -> None:
    change(shell, broken=[call])
    done = shell.run("capture", "configmaps")
    assert done.returncode == 1
    assert b"could not be read" in done.stderr


def test_an_answer_of_another_group_is_refused(shell: MethodShell) -> None:
    state = state_of(shell)
    state.add("services", thing("serving.knative.dev/v1", "Service", "other"))
    state.save()
    done = shell.run("capture", "services")
    assert done.returncode != 0
    assert b"is not of group" in done.stderr


def test_a_number_is_kept_exactly_or_refused(shell: MethodShell) -> None:
    large = 2**62 + 1
    state = state_of(shell)
    state.add(WIDGETS, thing("acme-corp.example/v1", "Widget", "big", spec={"n": large}))
    state.save()
    done = shell.run("capture", "widgets-acme--corp-example")
    if done.returncode == 0:
        assert json.loads(done.stdout.splitlines()[0])["spec"]["n"] == large
    else:
        assert b"only jq 1.7 and newer keep" in done.stderr


def test_objects_come_back_to_a_new_cluster(shell: MethodShell) -> None:
    parts = {part: shell.capture(part) for part in PARTS}
    empty(shell)
    shell.want(parts)
    done = shell.run("guard")
    assert done.returncode == 0, done.stderr.decode()
    back(shell, parts)
    done = shell.run("finish")
    assert done.returncode == 0, done.stderr.decode()
    assert b"deployments.apps: 1 objects" in done.stderr
    state = state_of(shell)
    for name in ("alpha", "zeta"):
        found = state.find("configmaps", "shop", name)
        assert found is not None
        assert found["data"] == {"k": HOSTILE}
        assert "ownerReferences" not in found["metadata"]
    root = state.find("configmaps", "shop", "kube-root-ca.crt")
    assert root is not None
    assert root["data"] == {"ca.crt": "new"}
    assert state.find("secrets", "shop", "db") is not None
    assert state.find("secrets", "shop", "default-token-x") is None
    web, headless = (state.find("services", "shop", name) for name in ("web", "headless"))
    assert web is not None
    assert headless is not None
    assert web["spec"] == {}
    assert headless["spec"] == {"clusterIP": "None"}
    assert state.find(WIDGETS, "shop", "w") is not None
    assert state.find("namespaces", None, "other") is not None
    assert state.find("namespaces", None, "kube-system") is None


def test_a_target_with_objects_is_only_touched_after_a_person_said_so(shell: MethodShell) -> None:
    parts = {part: shell.capture(part) for part in PARTS}
    state = state_of(shell)
    there = state.find("deployments.apps", "shop", "web")
    assert there is not None
    there["spec"] = {"replicas": 99, "paused": True}
    there["metadata"]["ownerReferences"] = [{"uid": "live"}]
    state.add("configmaps", thing("v1", "ConfigMap", "younger"))
    state.save()
    shell.want(parts)
    done = shell.run("guard")
    assert done.returncode == 3
    assert b"configmaps shop/younger" in done.stderr
    assert shell.run("restore", "configmaps", given=parts["configmaps"]).returncode == 1
    assert shell.run("clear").returncode == 0
    back(shell, parts)
    assert shell.run("finish").returncode == 0
    state = state_of(shell)
    found = state.find("deployments.apps", "shop", "web")
    assert found is not None
    assert found["spec"] == {"replicas": 2}
    assert found["metadata"]["ownerReferences"] == [{"uid": "live"}]
    assert state.find("configmaps", "shop", "younger") is not None


@pytest.mark.parametrize("call", ["create *", "get configmaps"])
def test_a_restore_that_cannot_write_fails(shell: MethodShell, call: str) -> None:
    parts = {"configmaps": shell.capture("configmaps")}
    empty(shell)
    shell.want(parts)
    change(shell, broken=[call])
    assert shell.run("restore", "configmaps", given=parts["configmaps"]).returncode != 0


def test_what_is_missing_afterwards_is_told(shell: MethodShell) -> None:
    parts = {"configmaps": shell.capture("configmaps")}
    empty(shell)
    shell.want(parts)
    back(shell, parts)
    state = state_of(shell)
    state.objects["configmaps"] = [
        each for each in state.objects["configmaps"] if each["metadata"]["name"] != "zeta"
    ]
    state.save()
    done = shell.run("finish")
    assert done.returncode == 1
    assert b"missing shop/zeta" in done.stderr


def test_a_damaged_part_changes_nothing(shell: MethodShell) -> None:
    parts = {"configmaps": shell.capture("configmaps")}
    empty(shell)
    shell.want(parts)
    before = state_of(shell).objects
    assert shell.run("restore", "configmaps", given=parts["configmaps"][:-9]).returncode == 1
    assert state_of(shell).objects == before


def test_a_kind_that_the_policy_no_longer_names_is_told(shell: MethodShell) -> None:
    parts = {"configmaps": shell.capture("configmaps")}
    shell.want(parts)
    done = shell.run("guard", KINDS="cluster namespaces")
    assert done.returncode == 1
    assert b"the policy does not name" in done.stderr


def test_a_restore_beside_is_refused(shell: MethodShell) -> None:
    shell.want({"configmaps": b""})
    assert shell.run("guard", TARGET="elsewhere").returncode == 1


def test_no_secret_is_ever_a_word_of_a_command(shell: MethodShell) -> None:
    parts = {"secrets": shell.capture("secrets")}
    empty(shell)
    shell.want(parts)
    back(shell, parts)
    assert "aHVudGVyMg==" not in json.dumps(state_of(shell).calls)
