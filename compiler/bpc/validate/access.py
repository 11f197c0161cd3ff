"""Rules for what generated objects may do and be reached by: RBAC, service accounts, network policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bpc.validate.fault import Fault, Manifest

_ESCALATIONS = frozenset({"escalate", "bind", "impersonate"})
_DIRECTIONS = frozenset({"Ingress", "Egress"})


def _role(manifest: Manifest) -> Iterator[Fault]:
    for index, rule in enumerate(manifest.get("rules") or ()):
        for name in ("apiGroups", "resources", "verbs", "nonResourceURLs"):
            if any("*" in entry for entry in rule.get(name) or ()):
                yield Fault(("rules", index, name), "wildcards grant what nobody reviewed")
        for verb in sorted(_ESCALATIONS.intersection(rule.get("verbs") or ())):
            yield Fault(("rules", index, "verbs"), f"`{verb}` lets its holder become anybody")


def _cluster_role(manifest: Manifest) -> Iterator[Fault]:
    yield from _role(manifest)
    for index, rule in enumerate(manifest.get("rules") or ()):
        if "secrets" in (rule.get("resources") or ()):
            yield Fault(("rules", index, "resources"), "reaches the secrets of every namespace")


def _binding(manifest: Manifest) -> Iterator[Fault]:
    role = manifest["roleRef"]["name"]
    if role in ("cluster-admin", "admin", "edit"):
        yield Fault(("roleRef", "name"), f"`{role}` grants far more than a backup needs")


def _service_account(manifest: Manifest) -> Iterator[Fault]:
    if not isinstance(manifest.get("automountServiceAccountToken"), bool):
        yield Fault((), "missing field `automountServiceAccountToken`")


def _network_policy(manifest: Manifest) -> Iterator[Fault]:
    types = (manifest.get("spec") or {}).get("policyTypes")
    if not types or not _DIRECTIONS.issuperset(types):
        yield Fault(("spec", "policyTypes"), "must name `Ingress`, `Egress` or both")


ACCESS_RULES: Mapping[str, Callable[[Manifest], Iterator[Fault]]] = {
    "Role": _role,
    "ClusterRole": _cluster_role,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "ServiceAccount": _service_account,
    "NetworkPolicy": _network_policy,
}
