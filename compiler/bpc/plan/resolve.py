"""From what a policy says to what is done: every reference followed, every default applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bpc.diagnostics import Finding, Where
from bpc.model.cluster import Cluster, StorageClass
from bpc.model.datasets import AnyDataset
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.datasets.volumes import Volumes
from bpc.model.policy import BackupPolicy, ClusterSelector
from bpc.plan import codes
from bpc.plan.copies import Context, kept, resolve_copies
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan, Rung, Slot
from bpc.plan.guardrails import weakened
from bpc.plan.inherit import Settled, settle
from bpc.plan.order import ordered_slots
from bpc.plan.schedule import Times, ladder
from bpc.plan.select import namespaces
from bpc.plan.shared import Declared, Shared, unknown
from bpc.plan.survey import by_location, chosen, layers
from bpc.plan.times import Occasion, base_times


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of all policies before one of them is resolved.

    `files` are, for each cluster, the policy files that its output comes from.
    """

    shared: Shared
    clusters: Mapping[str, ClusterPlan]
    slots: Mapping[str, Mapping[str, Slot]]
    files: Mapping[str, frozenset[str]]


def resolve(
    policy: Declared[BackupPolicy], surroundings: Surroundings
) -> tuple[list[PolicyPlan], list[Finding]]:
    """Return the policy on each cluster that it chooses, and everything that is wrong with it.

    What cannot be resolved is left out of the plan, and a finding says so.
    """
    findings = _references(policy, surroundings.shared)
    plans = []
    for cluster in chosen(policy.document, surroundings.shared):
        datasets = _Datasets(policy, cluster, surroundings)
        plans.append(
            PolicyPlan(
                name=policy.name,
                owner=policy.document.spec.owner,
                where=policy.where,
                cluster=surroundings.clusters[cluster.name],
                datasets=tuple(datasets.resolved()),
            )
        )
        findings += [finding for finding in datasets.findings if finding not in findings]
    return plans, findings


def _references(policy: Declared[BackupPolicy], shared: Shared) -> list[Finding]:
    spec = policy.document.spec
    root = policy.where / "spec"
    findings = []
    if spec.tier not in shared.tiers:
        findings.append(unknown("tier", spec.tier, shared.tiers, root / "tier", policy.name))
    if isinstance(spec.clusters, ClusterSelector):
        if not chosen(policy.document, shared):
            findings.append(_no_cluster(policy, root / "clusters"))
    else:
        findings += [
            unknown("cluster", name, shared.clusters, root.at("clusters", index), policy.name)
            for index, name in enumerate(spec.clusters)
            if name not in shared.clusters
        ]
        if not spec.clusters:
            findings.append(_no_cluster(policy, root / "clusters"))
    seen: dict[str, int] = {}
    for index, dataset in enumerate(spec.datasets):
        first = seen.setdefault(dataset.name, index)
        if first != index:
            findings.append(
                Finding(
                    codes.DUPLICATE_DATASET,
                    f"there are two datasets `{dataset.name}`",
                    root.at("datasets", index, "name"),
                    related=((root.at("datasets", first, "name"), "the first one"),),
                    help="rename one of them",
                    subject=f"{policy.name}/{dataset.name}",
                )
            )
    return findings


def _no_cluster(policy: Declared[BackupPolicy], where: Where) -> Finding:
    return Finding(
        codes.NO_CLUSTER,
        f"policy `{policy.name}` chooses no cluster",
        where,
        help="name a cluster, or correct the labels",
        subject=policy.name,
    )


class _Datasets:
    """The datasets of one policy on one cluster."""

    def __init__(
        self,
        policy: Declared[BackupPolicy],
        cluster: Declared[Cluster],
        surroundings: Surroundings,
    ) -> None:
        self._policy = policy
        self._declared = cluster
        self._shared = surroundings.shared
        self._cluster = surroundings.clusters[cluster.name]
        self._locations = by_location(self._cluster)
        self.findings: list[Finding] = []
        self._slots = ordered_slots(policy, surroundings.slots[cluster.name], self.findings)

    def resolved(self) -> list[DatasetPlan]:
        """Return the plans of all datasets, in the order in which they were written."""
        return [
            self._one(index, dataset)
            for index, dataset in enumerate(self._policy.document.spec.datasets)
        ]

    def _one(self, index: int, dataset: AnyDataset) -> DatasetPlan:
        where = self._policy.where.at("spec", "datasets", index)
        subject = f"{self._policy.name}/{dataset.name}"
        settled = settle(layers(self._policy, self._declared, index, self._shared))
        self._scenarios(settled, subject)
        slot = self._slots[dataset.name]
        base = base_times(Occasion(dataset, settled, where, subject, slot), self.findings)
        context = Context(
            subject,
            self._cluster.name,
            settled,
            self._shared,
            self._locations if isinstance(dataset, Namespaces) else {},
            base,
            slot,
        )
        copies = resolve_copies(context, self.findings)
        included, excluded = self._namespaces(dataset, where, subject)
        plan = DatasetPlan(
            policy=self._policy.name,
            cluster=self._cluster.name,
            name=dataset.name,
            spec=dataset,
            where=where,
            objectives=settled.objectives,
            rule=settled.copies.rule,
            copies=copies,
            rungs=self._rungs(settled, base, slot, where, subject),
            run_limit=settled.run_limit,
            start_limit=settled.start_limit,
            drills=settled.drills,
            slot=slot,
            namespaces=included,
            excluded=excluded,
            storage=self._storage(dataset, where, subject),
            origins=settled.origins,
        )
        self._placed(plan)
        tier = self._shared.tiers.get(self._policy.document.spec.tier)
        if tier is not None:
            self.findings += weakened(plan, settled, tier)
        return plan

    def _scenarios(self, settled: Settled, subject: str) -> None:
        known = self._shared.scenario_names()
        for name in settled.objectives:
            if name not in known:
                fields = ("rpo", "rto", "detection")
                chains = (settled.origins.get(f"objectives.{name}.{field}") for field in fields)
                places = [chain[0].where for chain in chains if chain]
                where = places[0] if places else None
                if where is not None:
                    key = Where(where.path, where.document, where.pointer[:-1], key=True)
                    self.findings.append(unknown("scenario", name, known, key, subject))

    def _rungs(
        self, settled: Settled, base: Times | None, slot: Slot, where: Where, subject: str
    ) -> tuple[Rung, ...]:
        if base is None:
            return ()
        if settled.retention is None:
            self.findings.append(
                Finding(
                    codes.NO_RETENTION,
                    f"nothing says how long the points of `{subject}` are kept",
                    where,
                    help="set `retention`, such as `retention: {daily: 14}`, here or in the tier",
                    subject=subject,
                )
            )
            return ()
        return tuple(ladder(kept(settled.retention), base, slot))

    def _namespaces(
        self, dataset: AnyDataset, where: Where, subject: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if not isinstance(dataset, Namespaces):
            return (), ()
        found = namespaces(dataset, self._cluster.spec, self._cluster.velero, where)
        self.findings += [replace(finding, subject=subject) for finding in found.findings]
        return found.included, found.excluded

    def _storage(self, dataset: AnyDataset, where: Where, subject: str) -> StorageClass | None:
        if not isinstance(dataset, Volumes):
            return None
        classes = {storage.name: storage for storage in self._cluster.spec.storage_classes}
        if dataset.storage_class is not None:
            if dataset.storage_class not in classes:
                self.findings.append(
                    unknown(
                        "storage class",
                        dataset.storage_class,
                        classes,
                        where / "storageClass",
                        subject,
                    )
                )
            return classes.get(dataset.storage_class)
        if len(classes) == 1:
            return next(iter(classes.values()))
        self.findings.append(
            Finding(
                codes.NO_STORAGE_CLASS,
                f"cluster `{self._cluster.name}` has {len(classes) or 'no'} storage classes, "
                f"and `{subject}` names none",
                where,
                help="add `storageClass` to the dataset"
                if classes
                else "list the storage under `spec.storageClasses` of the cluster",
                subject=subject,
            )
        )
        return None

    def _placed(self, plan: DatasetPlan) -> None:
        spec = plan.spec
        elsewhere = spec.held_by is not None or getattr(spec, "managed_by", None) is not None
        if not isinstance(spec, Volumes) and not elsewhere and not plan.direct_copies:
            self.findings.append(
                Finding(
                    codes.NO_LOCATION,
                    f"`{plan.subject}` has no location that it is copied to",
                    plan.where,
                    help="name one under `copies.to`, here or in the tier",
                    subject=plan.subject,
                )
            )
