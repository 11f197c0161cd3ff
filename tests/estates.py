"""Plans from YAML text, for the tests of everything that works on plans."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from bpc.diagnostics import Finding, Where
from bpc.model.documents import KINDS
from bpc.model.policy import BackupPolicy
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.resolve import Surroundings, resolve
from bpc.plan.shared import Declared, collect
from bpc.plan.survey import Survey
from bpc.source import parse

PATH = "policies/test.yaml"

BASE = """
apiVersion: bpc/v1
kind: Cluster
metadata: {name: prod}
spec:
  kubernetes: "1.31"
  site: {provider: aws, region: eu-central-1, account: prod, realm: prod-admins}
  storageClasses: [{name: fast, driver: ebs.csi.aws.com, system: ebs}]
  addons: {velero: "1.17", snapshotter: "8.2"}
  velero: {repositorySecret: kopia-prod}
  inventory: [{name: shop}, {name: media}]
---
apiVersion: bpc/v1
kind: Location
metadata: {name: s3}
spec:
  type: s3
  bucket: acme-backup
  site: {provider: aws, region: eu-west-1, account: backup, realm: backup-admins}
  medium: object-store
  credentials: {secret: backup-s3}
---
apiVersion: bpc/v1
kind: Tier
metadata: {name: gold}
spec:
  objectives: {default: {rpo: 6h, rto: 4h}}
  copies: {to: [s3]}
  retention: {daily: 14}
---
apiVersion: bpc/v1
kind: BackupPolicy
metadata: {name: shop}
spec:
  clusters: [prod]
  tier: gold
  owner: {team: shop, contact: "#shop-oncall"}
  datasets:
    - {name: shop, type: namespaces, include: [shop]}
"""
"""The estate that examples of rules change: one document of each kind that a build needs."""


@dataclass(frozen=True)
class Estate:
    """Everything that resolving a text gave."""

    policies: list[PolicyPlan]
    clusters: dict[str, ClusterPlan]
    findings: list[Finding]

    @property
    def datasets(self) -> dict[str, DatasetPlan]:
        """The datasets of all policies by `policy/dataset`; of the first cluster that has one."""
        found: dict[str, DatasetPlan] = {}
        for policy in self.policies:
            for dataset in policy.datasets:
                found.setdefault(dataset.subject, dataset)
        return found

    @property
    def names(self) -> list[str]:
        """The names of the findings' codes, in order."""
        return [finding.code.name for finding in self.findings]


def documents(text: str, path: str = PATH) -> list[dict[str, object]]:
    """Return the data of the documents of a text."""
    parsed = parse(textwrap.dedent(text).encode(), path)
    assert not [f for f in parsed.findings if f.code.severity == "error"], parsed.findings
    return [document.data for document in parsed.documents]


def merged(changes: str, base: str = BASE) -> list[dict[str, object]]:
    """Lay documents over those of `base`: maps merge, everything else is replaced.

    A changed document is joined to the one of its kind (and name, if it has one) in the base; where there
    is none it is added.
    """
    result = documents(base)
    there = len(result)
    for change in documents(changes):
        change.setdefault("apiVersion", "bpc/v1")
        target = _counterpart(result[:there], change)
        if target is None:
            result.append(change)
        else:
            result[result.index(target)] = _merge(target, change)
    return result


def estate(changes: str = "", base: str = BASE) -> Estate:
    """Resolve the base estate with some changes laid over it."""
    return resolved(merged(changes, base))


def resolved(data: list[dict[str, object]], path: str = PATH) -> Estate:
    """Resolve documents; the place of number N is document N of `path`."""
    declared = [
        Declared(KINDS[str(each["kind"])].model_validate(each), Where(path, index))
        for index, each in enumerate(data)
    ]
    shared, findings = collect(declared)
    survey = Survey(shared)
    policies = [
        Declared(each.document, each.where)
        for each in declared
        if isinstance(each.document, BackupPolicy)
    ]
    for policy in policies:
        survey.add(policy)
    clusters = survey.cluster_plans()
    surroundings = Surroundings(shared, clusters, survey.slots(), survey.files())
    plans: list[PolicyPlan] = []
    findings = [*findings, *survey.findings]
    for policy in policies:
        more, wrong = resolve(policy, surroundings)
        plans += more
        findings += wrong
    return Estate(plans, clusters, findings)


def _counterpart(
    result: list[dict[str, object]], change: dict[str, object]
) -> dict[str, object] | None:
    name = _name(change)
    for each in result:
        if each["kind"] == change["kind"] and name in (None, _name(each)):
            return each
    return None


def _name(document: dict[str, object]) -> object:
    metadata = document.get("metadata")
    return metadata.get("name") if isinstance(metadata, dict) else None


def _merge(old: object, new: object) -> object:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    kept = {key: value for key, value in old.items() if key not in new}
    return kept | {
        key: _merge(old.get(key), value) for key, value in new.items() if value is not None
    }
