from __future__ import annotations

from typing import Any

import pytest

from bpc.validate import pod_security

C = "spec|containers|0|"
S = C + "securityContext|"


# Control, what breaks it, where it is told.
BREACHES = [
    ("host-namespaces", {"spec|hostNetwork": True}, "hostNetwork"),
    ("host-namespaces", {"spec|hostPID": True}, "hostPID"),
    ("host-namespaces", {"spec|hostIPC": True}, "hostIPC"),
    ("host-path", {"spec|volumes|1": {"name": "work", "hostPath": {"path": "/"}}}, "volumes/1"),
    (
        "volume-types",
        {"spec|volumes|1": {"name": "work", "nfs": {"server": "a", "path": "/"}}},
        "volumes/1",
    ),
    (
        "sysctls",
        {"spec|securityContext|sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        "securityContext/sysctls/0",
    ),
    ("privileged", {S + "privileged": True}, "containers/0/securityContext/privileged"),
    (
        "privilege-escalation",
        {S + "allowPrivilegeEscalation": True},
        "containers/0/securityContext",
    ),
    ("privilege-escalation", {S + "allowPrivilegeEscalation": ...}, "containers/0/securityContext"),
    ("capabilities", {S + "capabilities": ...}, "containers/0/securityContext/capabilities"),
    (
        "capabilities",
        {S + "capabilities|drop": ["NET_RAW"]},
        "containers/0/securityContext/capabilities",
    ),
    (
        "capabilities",
        {S + "capabilities|add": ["SYS_TIME"]},
        "containers/0/securityContext/capabilities",
    ),
    ("host-ports", {C + "ports": [{"containerPort": 80, "hostPort": 80}]}, "containers/0/ports/0"),
    (
        "host-probes",
        {C + "livenessProbe": {"httpGet": {"port": 80, "host": "10.0.0.1"}}},
        "containers/0",
    ),
    (
        "host-probes",
        {C + "lifecycle": {"preStop": {"tcpSocket": {"port": 80, "host": "10.0.0.1"}}}},
        "containers/0",
    ),
    ("proc-mount", {S + "procMount": "Unmasked"}, "containers/0/securityContext/procMount"),
    (
        "windows-host-process",
        {S + "windowsOptions": {"hostProcess": True}},
        "containers/0/securityContext/windowsOptions",
    ),
    (
        "selinux",
        {S + "seLinuxOptions": {"type": "spc_t"}},
        "containers/0/securityContext/seLinuxOptions",
    ),
    (
        "selinux",
        {"spec|securityContext|seLinuxOptions": {"role": "system_r"}},
        "securityContext/seLinuxOptions",
    ),
    ("seccomp", {"spec|securityContext|seccompProfile": ...}, "containers/0/securityContext"),
    (
        "seccomp",
        {S + "seccompProfile": {"type": "Unconfined"}},
        "containers/0/securityContext/seccompProfile",
    ),
    (
        "apparmor",
        {S + "appArmorProfile": {"type": "Unconfined"}},
        "containers/0/securityContext/appArmorProfile",
    ),
    ("run-as-non-root", {"spec|securityContext|runAsNonRoot": ...}, "containers/0/securityContext"),
    (
        "run-as-non-root",
        {"spec|securityContext|runAsNonRoot": False},
        "securityContext/runAsNonRoot",
    ),
    ("run-as-user", {"spec|securityContext|runAsUser": 0}, "securityContext/runAsUser"),
    ("run-as-user", {S + "runAsUser": 0}, "containers/0/securityContext/runAsUser"),
]


def test_a_generated_pod_passes_the_restricted_level(sample: Any) -> None:
    assert pod_security(sample("Pod")["spec"]) == []


@pytest.mark.parametrize(("control", "changes", "place"), BREACHES)
def test_each_control_of_the_restricted_level_is_enforced_and_can_be_excepted(
    control: str, changes: dict[str, Any], place: str, edited: Any
) -> None:
    spec = edited("Pod", changes)["spec"]
    faults = pod_security(spec)
    assert ["/".join(map(str, fault.pointer)) for fault in faults] == [place]
    assert pod_security(spec, frozenset({control})) == []


def test_init_and_ephemeral_containers_are_judged_alike(sample: Any) -> None:
    spec = sample("Pod")["spec"]
    bare = {"name": "x", "image": "x"}
    spec |= {"initContainers": [bare], "ephemeralContainers": [bare]}
    assert {fault.pointer[0] for fault in pod_security(spec)} == {
        "initContainers",
        "ephemeralContainers",
    }


def test_what_a_container_sets_replaces_what_its_pod_leaves_open(edited: Any) -> None:
    spec = edited(
        "Pod",
        {
            "spec|securityContext": ...,
            S + "runAsNonRoot": True,
            S + "seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"},
            S + "capabilities|add": ["NET_BIND_SERVICE"],
        },
    )["spec"]
    assert pod_security(spec) == []


def test_a_bare_pod_breaks_four_controls_at_once() -> None:
    faults = pod_security({"containers": [{"name": "x", "image": "x"}]})
    assert len(faults) == 4


def test_the_snapshot_of_a_control_plane_passes_with_its_privileges_only(edited: Any) -> None:
    spec = edited(
        "Pod",
        {
            "spec|hostNetwork": True,
            "spec|volumes|0": {"name": "scripts", "hostPath": {"path": "/etc/kubernetes/pki/etcd"}},
            "spec|securityContext": {"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}},
        },
    )["spec"]
    privileges = frozenset({"host-namespaces", "host-path", "run-as-non-root", "run-as-user"})
    assert len(pod_security(spec)) == 4
    assert pod_security(spec, privileges) == []
