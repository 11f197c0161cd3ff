"""Pod Security Standards, level "restricted", on the spec of a pod.

The controls are those of the published standard, with the sysctls of Kubernetes 1.25, the oldest that is
supported. Pods for Windows, whose controls differ, are judged like all others; the annotations by which
AppArmor was set before it became a field are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bpc.diagnostics import Pointer
from bpc.validate.fault import Fault, Manifest

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

_VOLUME_TYPES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_syncookies",
    }
)
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
_PROFILES = ("RuntimeDefault", "Localhost")

_Findings = Iterator[tuple[str, Pointer, str]]


def pod_security(pod_spec: Manifest, privileges: frozenset[str] = frozenset()) -> list[Fault]:
    """Return what keeps a pod out of a namespace that enforces "restricted".

    `privileges` names the controls that this pod may break: `apparmor`, `capabilities`,
    `host-namespaces`, `host-path`, `host-ports`, `host-probes`, `privilege-escalation`, `privileged`,
    `proc-mount`, `run-as-non-root`, `run-as-user`, `seccomp`, `selinux`, `sysctls`, `volume-types`
    and `windows-host-process`.
    """
    findings = [*_pod(pod_spec)]
    for group in _CONTAINERS:
        for index, container in enumerate(pod_spec.get(group) or ()):
            findings.extend(_container(container, pod_spec, (group, index)))
    return [Fault(at, said) for control, at, said in findings if control not in privileges]


def _pod(spec: Manifest) -> _Findings:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            yield "host-namespaces", (name,), f"`{name}` shares a namespace of the node"
    for index, volume in enumerate(spec.get("volumes") or ()):
        for kind in sorted(volume.keys() - _VOLUME_TYPES - {"name"}):
            control = "host-path" if kind == "hostPath" else "volume-types"
            yield control, ("volumes", index), f"volumes of type `{kind}` are not allowed"
    context = spec.get("securityContext") or {}
    for index, sysctl in enumerate(context.get("sysctls") or ()):
        if sysctl["name"] not in _SYSCTLS:
            at: Pointer = ("securityContext", "sysctls", index)
            yield "sysctls", at, f"sysctl `{sysctl['name']}` is not safe"
    yield from _context(context, ("securityContext",))


def _container(container: Manifest, spec: Manifest, where: Pointer) -> _Findings:
    context = container.get("securityContext") or {}
    shared = spec.get("securityContext") or {}
    at = (*where, "securityContext")
    yield from _context(context, at)
    yield from _privileges(context, at)
    yield from _inherited(context, shared, at)
    for index, port in enumerate(container.get("ports") or ()):
        if port.get("hostPort"):
            yield "host-ports", (*where, "ports", index), "`hostPort` opens a port of the node"
    yield from _probes(container, where)


def _context(context: Mapping[str, Any], at: Pointer) -> _Findings:
    if context.get("runAsUser") == 0:
        yield "run-as-user", (*at, "runAsUser"), "the user must not be 0"
    windows = context.get("windowsOptions") or {}
    if windows.get("hostProcess"):
        yield (
            "windows-host-process",
            (*at, "windowsOptions"),
            "`hostProcess` runs on the node itself",
        )
    labels = context.get("seLinuxOptions") or {}
    if (labels.get("type") or "") not in _SELINUX_TYPES or labels.get("user") or labels.get("role"):
        yield "selinux", (*at, "seLinuxOptions"), "only the SELinux types of containers are allowed"
    armor = (context.get("appArmorProfile") or {}).get("type")
    if armor not in (None, *_PROFILES):
        yield "apparmor", (*at, "appArmorProfile"), f"AppArmor profile `{armor}` is not allowed"
    profile = (context.get("seccompProfile") or {}).get("type")
    if profile not in (None, *_PROFILES):
        yield "seccomp", (*at, "seccompProfile"), f"seccomp profile `{profile}` is not allowed"
    if context.get("runAsNonRoot") is False:
        yield "run-as-non-root", (*at, "runAsNonRoot"), "`runAsNonRoot` must not be false"


def _privileges(context: Mapping[str, Any], at: Pointer) -> _Findings:
    if context.get("privileged"):
        yield "privileged", (*at, "privileged"), "privileged containers are not allowed"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "privilege-escalation", at, "`allowPrivilegeEscalation` must be false"
    capabilities = context.get("capabilities") or {}
    added = set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}
    if "ALL" not in (capabilities.get("drop") or ()) or added:
        yield (
            "capabilities",
            (*at, "capabilities"),
            "must drop `ALL` and add none but `NET_BIND_SERVICE`",
        )
    if context.get("procMount") not in (None, "Default"):
        yield "proc-mount", (*at, "procMount"), "must be `Default`"


def _inherited(context: Mapping[str, Any], shared: Mapping[str, Any], at: Pointer) -> _Findings:
    """Judge what must be set, but may be set for the whole pod."""
    if context.get("runAsNonRoot") is None and shared.get("runAsNonRoot") is None:
        yield "run-as-non-root", at, "`runAsNonRoot` must be true here or in the pod"
    if not context.get("seccompProfile") and not shared.get("seccompProfile"):
        yield "seccomp", at, "`seccompProfile` must be set here or in the pod"


def _probes(container: Manifest, where: Pointer) -> _Findings:
    lifecycle = container.get("lifecycle") or {}
    handlers = {
        name: container.get(name) for name in ("livenessProbe", "readinessProbe", "startupProbe")
    }
    handlers |= {name: lifecycle.get(name) for name in ("postStart", "preStop")}
    for name, handler in handlers.items():
        for action in ("httpGet", "tcpSocket"):
            if ((handler or {}).get(action) or {}).get("host"):
                yield "host-probes", where, f"`{name}` must not name a host"
