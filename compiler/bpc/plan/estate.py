"""The plan: one cluster, and one policy on one cluster, with no default left to apply.

Back ends and rules see nothing else. Everything is immutable, and everything that a person wrote
carries the place where it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpc.diagnostics import Where
from bpc.model.cluster import ClusterSpec, StorageClass
from bpc.model.datasets import AnyDataset
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.location import LocationSpec
from bpc.model.objectives import Drills, Objective
from bpc.model.policy import Owner
from bpc.model.release import Release

# Velero looks at each schedule once a minute.
_VELERO_DELAY = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """One link of the chain that an inherited value came through; `source` reads like `tier gold`."""

    source: str
    where: Where | None


@dataclass(frozen=True, slots=True)
class LocationPlan:
    """A location as one cluster uses it.

    `prefix` is the folder inside the bucket that belongs to this cluster's Velero alone, `points` the one
    that belongs to bpc's own jobs: Velero refuses a folder in which it finds what it did not write.
    `read_only` is set when the storage fills the location from another one, so that nothing in the cluster
    may write to it.
    """

    name: str
    spec: LocationSpec
    where: Where
    prefix: str
    points: str
    read_only: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a dataset in the day of its cluster: where its minutes and hours are counted from."""

    minute: int
    hour: int


@dataclass(frozen=True, slots=True)
class Uses:
    """What the datasets of a cluster ask of it."""

    velero: bool = False
    jobs: bool = False
    move: bool = False
    snapshot: bool = False
    filesystem: bool = False
    volumes: bool = False
    groups: bool = False
    deletes: bool = False

    @property
    def csi(self) -> bool:
        """Whether CSI snapshots are taken by anything."""
        return self.move or self.snapshot or self.volumes

    @property
    def node_agent(self) -> bool:
        """Whether Velero's pods on the nodes are needed."""
        return self.move or self.filesystem


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """One cluster and what its datasets ask of it.

    `locations` are those that Velero uses here, by name, `stores` those of bpc's own jobs. `storage` are the
    storage classes, one for each driver. Releases are None when the cluster does not say that it runs the
    add-on.
    """

    name: str
    spec: ClusterSpec
    where: Where
    kubernetes: Release
    velero: Release | None
    snapshotter: Release | None
    locations: tuple[LocationPlan, ...]
    stores: tuple[LocationPlan, ...]
    uses: Uses
    policies: int

    @property
    def velero_namespace(self) -> str:
        """The namespace of everything that belongs to Velero."""
        return self.spec.velero.namespace

    @property
    def storage(self) -> tuple[StorageClass, ...]:
        """The first storage class of each CSI driver, in the order in which they were written."""
        first: dict[str, StorageClass] = {}
        for storage in self.spec.storage_classes:
            first.setdefault(storage.driver, storage)
        return tuple(first.values())


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of a retention ladder: when points of it are made, and for how long each is kept.

    `name` is `hourly`, `daily`, `weekly`, `monthly` or `yearly`. `cron` is in Kubernetes' dialect, to be
    read in `zone`. `keep` is in seconds, `points` is how many are kept.
    """

    name: str
    cron: str
    zone: str
    keep: int
    points: int


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """One copy of a dataset.

    With `source`, it is made from the location of that name: by the storage, at most `lag` seconds behind,
    or by a job at the times of its rungs. Without, it is made from the data at the times of its rungs.
    """

    location: LocationPlan
    where: Where
    source: str | None = None
    lag: int | None = None
    engine: str | None = None
    rungs: tuple[Rung, ...] = ()

    @property
    def hop(self) -> bool:
        """Whether a job of bpc makes it from another copy."""
        return self.source is not None and self.lag is None


@dataclass(frozen=True, slots=True)
class DatasetPlan:
    """One dataset on one cluster.

    `rungs` is the dataset's own ladder, from fine to coarse; empty when it is made only by hand.
    `namespaces` and `excluded` are what patterns and labels stood for: real names, or patterns where the
    cluster's Velero expands them itself. `storage` is the storage class of a dataset of volumes.
    `run_limit` and `start_limit` are in seconds. `origins` tells for each inherited setting where it came
    from, the deciding place first.
    """

    policy: str
    cluster: str
    name: str
    spec: AnyDataset
    where: Where
    objectives: Mapping[str, Objective]
    rule: str
    copies: tuple[CopyPlan, ...]
    rungs: tuple[Rung, ...]
    run_limit: int
    start_limit: int
    drills: Drills
    slot: Slot
    namespaces: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    storage: StorageClass | None = None
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The dataset as people name it: `policy/dataset`."""
        return f"{self.policy}/{self.name}"

    @property
    def direct_copies(self) -> tuple[CopyPlan, ...]:
        """The copies that are made from the data itself."""
        return tuple(copy for copy in self.copies if copy.source is None)

    @property
    def completion_delay(self) -> int:
        """How long after it was due a point may be complete, if all goes well; in seconds."""
        return completion_delay(self.spec, self.start_limit, self.run_limit)


def completion_delay(dataset: AnyDataset, start_limit: int, run_limit: int) -> int:
    """Return how long after it was due a point of a dataset may be complete; all in seconds."""
    return (_VELERO_DELAY if isinstance(dataset, Namespaces) else 0) + start_limit + run_limit


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """One policy on one cluster."""

    name: str
    owner: Owner
    where: Where
    cluster: ClusterPlan
    datasets: tuple[DatasetPlan, ...]
