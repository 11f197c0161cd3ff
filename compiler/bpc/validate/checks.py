"""Everything that a generated object must satisfy, for the releases of one cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import jsonschema_rs

from bpc.model.release import Release
from bpc.validate import argocd, cnpg, flux, kustomize, snapshot, velero
from bpc.validate.access import ACCESS_RULES
from bpc.validate.data import DATA_RULES
from bpc.validate.explain import explain
from bpc.validate.fault import Fault, Manifest
from bpc.validate.kubernetes import check_minor, core_validator
from bpc.validate.metadata import is_namespaced, longest_name, metadata_faults
from bpc.validate.resource import Resource, Target
from bpc.validate.shapes import compiled
from bpc.validate.substitution import flux_faults, is_plain, null_faults
from bpc.validate.workloads import workload_faults

_FAMILIES: Mapping[str, Callable[[str, str, Target], Resource]] = {
    velero.GROUP: velero.resource,
    snapshot.GROUP: snapshot.resource,
    snapshot.GROUP_OF_GROUPS: snapshot.resource,
    flux.KUSTOMIZE: flux.resource,
    flux.HELM: flux.resource,
    flux.SOURCE: flux.resource,
    argocd.GROUP: argocd.resource,
    kustomize.GROUP: kustomize.resource,
    cnpg.GROUP: cnpg.resource,
}

_Rules = Callable[[Manifest, frozenset[str]], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class _Kind:
    schema: jsonschema_rs.Validator
    rules: _Rules
    core: bool


class Validator:
    """Checks objects for one target; what it compiles for a kind serves all objects of that kind."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._minor = Release.parse(target.kubernetes).series
        check_minor(self._minor)
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def check(self, manifest: Manifest, privileges: frozenset[str] = frozenset()) -> list[Fault]:
        """Return what is wrong with an object.

        `privileges` are the controls of Pod Security that its pods may break: see `pod_security`. An
        object that fails its schema, or that holds a null where Kubernetes' own kinds allow one, is
        not judged by the rules that build on it.
        """
        api_version, kind = manifest.get("apiVersion"), manifest.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return [Fault((), "an object needs `apiVersion` and `kind`")]
        try:
            known = self._kind(api_version, kind)
        except ValueError as error:
            return [Fault(("apiVersion",), str(error))]
        faults = [] if known.schema.is_valid(manifest) else explain(known.schema, manifest)
        rewritten: list[Fault] = []
        if not is_plain(manifest):
            rewritten = list(flux_faults(manifest))
            if known.core:
                faults += null_faults(manifest)
        return [*(faults or known.rules(manifest, privileges)), *rewritten]

    def _kind(self, api_version: str, kind: str) -> _Kind:
        known = self._kinds.get((api_version, kind))
        if known is None:
            family = _FAMILIES.get(api_version.partition("/")[0])
            if family is None:
                known = self._core(api_version, kind)
            else:
                known = _custom(family(api_version, kind, self._target), api_version, kind)
            self._kinds[api_version, kind] = known
        return known

    def _core(self, api_version: str, kind: str) -> _Kind:
        schema = core_validator(self._minor, api_version, kind)
        if schema is None:
            raise ValueError(
                f"no schema for kind `{kind}` of `{api_version}` in Kubernetes {self._minor}"
            )
        return _Kind(schema, _core_rules(kind), core=True)


def _core_rules(kind: str) -> _Rules:
    namespaced, longest = is_namespaced(kind), longest_name(kind)
    own = ACCESS_RULES.get(kind) or DATA_RULES.get(kind)

    def rules(manifest: Manifest, privileges: frozenset[str]) -> Iterator[Fault]:
        yield from metadata_faults(manifest, namespaced, longest)
        yield from workload_faults(manifest, privileges)
        if own:
            yield from own(manifest)

    return rules


def _custom(resource: Resource, api_version: str, kind: str) -> _Kind:
    def rules(manifest: Manifest, _: frozenset[str]) -> Iterator[Fault]:
        if resource.namespaced is not None:
            yield from metadata_faults(manifest, resource.namespaced, resource.longest_name)
        for rule in resource.rules:
            yield from rule(manifest)

    return _Kind(compiled(resource.schema(api_version, kind)), rules, core=False)


@cache
def validator(target: Target) -> Validator:
    """Return the validator of a target; ValueError where Kubernetes' schemas are not at hand."""
    return Validator(target)
