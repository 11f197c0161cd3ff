"""One pass over all policies, before any is compiled: what each cluster will have to hold.

Only a few words for each policy are remembered, so that a fleet of thousands costs little memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpc.diagnostics import Finding, Where
from bpc.model.cluster import Cluster, ClusterSpec
from bpc.model.copies import Copies
from bpc.model.datasets import AnyDataset
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.datasets.volumes import Volumes
from bpc.model.policy import BackupPolicy, ClusterSelector
from bpc.model.release import Release
from bpc.plan import names
from bpc.plan.estate import ClusterPlan, LocationPlan, Slot, Uses
from bpc.plan.inherit import Layer, settle
from bpc.plan.select import matches
from bpc.plan.shared import Declared, Shared, duplicate
from bpc.plan.spread import spread


@dataclass(slots=True)
class _Usage:
    """What one cluster has to hold.

    `locations` maps each name to whether something writes to it, `sources` each location that the
    storage fills to the one that it is filled from. `stores` are the locations of bpc's own jobs. `files`
    are the policy files that say all this.
    """

    locations: dict[str, bool] = field(default_factory=dict)
    stores: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)
    features: set[str] = field(default_factory=set)
    subjects: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    policies: int = 0


class Survey:
    """Gathers what the policies ask of each cluster."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._usage: dict[str, _Usage] = {name: _Usage() for name in shared.clusters}
        self._policies: dict[str, Where] = {}
        self.findings: list[Finding] = []

    def add(self, policy: Declared[BackupPolicy]) -> None:
        """Take note of one policy; what is wrong inside it is found when it is resolved."""
        first = self._policies.setdefault(policy.name, policy.where)
        if first is not policy.where:
            self.findings.append(duplicate("BackupPolicy", policy.name, policy.where, first))
            return
        for cluster in chosen(policy.document, self._shared):
            usage = self._usage[cluster.name]
            usage.policies += 1
            usage.files |= {policy.where.path, cluster.where.path}
            for index, dataset in enumerate(policy.document.spec.datasets):
                usage.subjects.append(f"{policy.name}/{dataset.name}")
                if dataset.held_by is None:
                    above = layers(policy, cluster, index, self._shared)
                    self._take(usage, dataset, above, cluster.document.spec)

    def _take(
        self, usage: _Usage, dataset: AnyDataset, above: list[Layer], cluster: ClusterSpec
    ) -> None:
        copies = settle(above).copies
        usage.files |= {layer.where.path for layer in above}
        usage.files |= {
            self._shared.locations[copy.location].where.path
            for copy in copies.to
            if copy.location in self._shared.locations
        }
        _note(usage, dataset, copies, cluster)

    @property
    def policies(self) -> int:
        """How many policies there are."""
        return len(self._policies)

    def cluster_plans(self) -> dict[str, ClusterPlan]:
        """Return the plan of every cluster that a policy chose, by name."""
        return {
            name: _cluster_plan(self._shared.clusters[name], usage, self._shared)
            for name, usage in sorted(self._usage.items())
            if usage.policies
        }

    def files(self) -> dict[str, frozenset[str]]:
        """Return for each cluster the policy files that its output comes from."""
        return {name: frozenset(usage.files) for name, usage in self._usage.items()}

    def slots(self) -> dict[str, dict[str, Slot]]:
        """Return the slot of every dataset, by cluster and `policy/dataset`."""
        return {name: spread(usage.subjects) for name, usage in self._usage.items()}


def chosen(policy: BackupPolicy, shared: Shared) -> list[Declared[Cluster]]:
    """Return the existing clusters that a policy chooses, by name or label, in order of their names."""
    clusters = policy.spec.clusters
    if isinstance(clusters, ClusterSelector):
        found = [
            cluster
            for cluster in shared.clusters.values()
            if matches(cluster.document.metadata.labels, clusters.match_labels)
        ]
    else:
        found = [shared.clusters[name] for name in set(clusters) if name in shared.clusters]
    return sorted(found, key=lambda cluster: cluster.name)


def layers(
    policy: Declared[BackupPolicy], cluster: Declared[Cluster], index: int, shared: Shared
) -> list[Layer]:
    """Return the places that may set something for one dataset, from general to particular."""
    spec = policy.document.spec
    found: list[Layer] = []
    tier = shared.tiers.get(spec.tier)
    if tier is not None:
        found.append(Layer(f"tier {tier.name}", tier.document.spec, tier.where / "spec"))
    found.append(
        Layer(
            f"cluster {cluster.name}",
            cluster.document.spec.defaults,
            cluster.where.at("spec", "defaults"),
        )
    )
    found.append(Layer(f"policy {policy.name}", spec, policy.where / "spec"))
    dataset = spec.datasets[index]
    found.append(
        Layer(f"dataset {dataset.name}", dataset, policy.where.at("spec", "datasets", index))
    )
    return found


def _note(usage: _Usage, dataset: AnyDataset, copies: Copies, cluster: ClusterSpec) -> None:
    if isinstance(dataset, Namespaces):
        usage.features.add("velero")
        usage.features |= _ways(dataset)
        for copy in copies.to:
            writes = copy.from_ is None
            usage.locations[copy.location] = usage.locations.get(copy.location, False) or writes
            if copy.from_ is not None:
                usage.sources.setdefault(copy.location, copy.from_)
    elif isinstance(dataset, Volumes):
        usage.features.add("volumes")
        if dataset.together:
            usage.features.add("groups")
        if dataset.deletion == "delete":
            usage.features.add("deletes")
    elif dataset.copied_by_jobs(cluster.control_plane):
        usage.features.add("jobs")
        usage.stores |= {copy.location for copy in copies.to}


def _ways(dataset: Namespaces) -> set[str]:
    ways: set[str] = {dataset.volumes, *(policy.action for policy in dataset.volume_policies)}
    return ways & {"move", "snapshot", "filesystem"}


def _cluster_plan(cluster: Declared[Cluster], usage: _Usage, shared: Shared) -> ClusterPlan:
    spec = cluster.document.spec
    writable = sorted(
        name for name, writes in usage.locations.items() if writes and name in shared.locations
    )
    default = spec.velero.default_location
    if default not in writable:
        default = writable[0] if writable else None
    uses = Uses(**dict.fromkeys(usage.features, True))
    return ClusterPlan(
        name=cluster.name,
        spec=spec,
        where=cluster.where,
        kubernetes=Release.parse(spec.kubernetes),
        velero=_release(spec.addons.velero),
        snapshotter=_release(spec.addons.snapshotter),
        locations=tuple(
            location_plan(
                shared,
                name,
                cluster.name,
                source=None if name in writable else _root(name, usage.sources),
                default=name == default,
            )
            for name in sorted(usage.locations)
            if name in shared.locations
        ),
        stores=tuple(
            location_plan(shared, name, cluster.name)
            for name in sorted(usage.stores)
            if name in shared.locations
        ),
        uses=uses,
        policies=usage.policies,
    )


def location_plan(
    shared: Shared, name: str, cluster: str, *, source: str | None = None, default: bool = False
) -> LocationPlan:
    """Return a location as one cluster uses it, in a folder of its own.

    Storage that fills the location from `source` keeps the names of objects, so its folder is the
    source's.
    """
    location = shared.locations[name]
    origin = shared.locations.get(source or name, location)
    prefix = getattr(origin.document.spec, "prefix", None)
    return LocationPlan(
        name=name,
        spec=location.document.spec,
        where=location.where,
        prefix=f"{prefix}/{cluster}" if prefix else cluster,
        points=f"{prefix}/{names.POINTS}/{cluster}" if prefix else f"{names.POINTS}/{cluster}",
        read_only=source is not None,
        default=default,
    )


def _root(name: str, sources: Mapping[str, str]) -> str:
    seen = {name}
    while name in sources and sources[name] not in seen:
        name = sources[name]
        seen.add(name)
    return name


def _release(text: str | None) -> Release | None:
    return None if text is None else Release.parse(text)


def by_location(plan: ClusterPlan) -> Mapping[str, LocationPlan]:
    """Return the locations of a cluster by name."""
    return {location.name: location for location in plan.locations}
