"""A Kubernetes cluster and what runs on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bpc.model.base import Count, DnsLabel, Labels, Metadata, Name, ObjectName, Spec, Text
from bpc.model.control_plane import ControlPlane
from bpc.model.format import Format
from bpc.model.location import Url
from bpc.model.objectives import Settings
from bpc.model.scalars import Size
from bpc.model.site import Site

Minor = Annotated[
    str,
    Field(pattern=r"^[0-9]+\.[0-9]+$", examples=["1.31"]),
    Format("a minor release", "two numbers and a dot, such as `1.31`"),
]
Version = Annotated[
    str,
    Field(pattern=r"^[0-9]+\.[0-9]+(\.[0-9]+)?$", examples=["1.17", "1.17.1"]),
    Format("a release", "two or three numbers joined by dots, such as `1.17` or `1.17.1`"),
]


class StorageClass(Spec):
    """A StorageClass whose volumes may be snapshotted."""

    name: ObjectName
    """The name of the StorageClass."""
    driver: ObjectName
    """The CSI driver behind it."""
    system: Name
    """The storage system that holds the volumes, and their snapshots unless the driver moves them."""
    parameters: dict[Text, str] = {}
    """Parameters for the VolumeSnapshotClass of the driver."""
    snapshot_secret: ObjectName | None = None
    """The Secret that the driver needs to make snapshots."""
    snapshot_secret_namespace: DnsLabel | None = None
    """The namespace of that Secret."""


class Addons(Spec):
    """The releases that run on the cluster; they decide what may be emitted."""

    velero: Version | None = None
    """The release of Velero."""
    snapshotter: Version | None = None
    """The release of the CSI external-snapshotter and its custom resources."""
    flux: Version | None = None
    """The release of Flux."""
    argocd: Version | None = None
    """The release of Argo CD."""
    external_secrets: Version | None = None
    """The release of the External Secrets Operator."""
    cnpg: Version | None = None
    """The release of CloudNativePG; the newest that bpc knows unless set."""
    prometheus_operator: Version | None = None
    """The release of the Prometheus Operator."""


class NodeAgent(Spec):
    """The pods that move volume data."""

    load_concurrency: Count | None = Field(default=None, ge=1, le=64)
    """How many volumes one node moves at once."""
    cpu_request: Text | None = None
    """The processor that each data mover asks for, such as `500m`."""
    memory_request: Text | None = None
    """The memory that each data mover asks for, such as `512Mi`."""
    cpu_limit: Text | None = None
    """The most processor that a data mover gets."""
    memory_limit: Text | None = None
    """The most memory that a data mover gets."""


class VeleroSettings(Spec):
    """How Velero is installed on the cluster."""

    namespace: DnsLabel = "velero"
    """The namespace of Velero and of everything that belongs to it."""
    default_location: Name | None = None
    """The Location for backups that name none; the first by name of those in use unless set."""
    concurrent_backups: Count = Field(default=1, ge=1, le=16)
    """How many backups run at once (Velero 1.18 and newer)."""
    node_agent: NodeAgent = NodeAgent()
    """The pods that move volume data."""
    service_account_annotations: dict[Text, str] = {}
    """Annotations that give Velero's service account a cloud identity."""
    repository_secret: Name | None = None
    """The key that stands for the password in the Secret `velero-repo-credentials`.

    Set it before the first backup: the password of a repository cannot be changed later.
    """
    values: dict[str, object] = {}
    """Further values for Velero's Helm chart, checked against the keys that the chart reads."""


JOB_MEMORY = 2**30
"""The bytes of memory that a container of a job may use unless a cluster says otherwise."""


class Jobs(Spec):
    """How bpc's own jobs run on the cluster."""

    maintenance_namespace: DnsLabel = "bpc-maintenance"
    """The namespace of the jobs that may delete; bpc makes it, and nothing else should run there."""
    service_account_annotations: dict[Text, str] = {}
    """Annotations that give the service accounts of the jobs a cloud identity."""
    pushgateway: Url | None = None
    """The address of a Prometheus Pushgateway that learns the result of each run."""
    memory: Size | None = None
    """The most memory that a container of a job may use; `1Gi` unless set."""


class GitSource(Spec):
    """Where the GitOps engine finds the output."""

    name: ObjectName = "flux-system"
    """The name of the source object (Flux) or of the project (Argo CD)."""
    namespace: DnsLabel = "flux-system"
    """The namespace of the source object, or of the Argo CD installation."""
    url: Text | None = None
    """The address of the repository; Argo CD needs it."""
    revision: Text = "main"
    """The branch or tag that is synced; Argo CD needs it."""
    path: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$"),
        Format("a path", "names joined by `/`, with none at either end"),
    ] = "output"
    """The output directory as seen from the root of the repository."""


class GitOps(Spec):
    """What applies the output."""

    engine: Literal["flux", "argocd", "plain"] = "plain"
    """The engine.

    - `flux`: Flux, through Kustomizations that wait for each other.
    - `argocd`: Argo CD, through Applications in waves.
    - `plain`: whatever you like; each directory has a kustomization.
    """
    source: GitSource | None = None
    """Where the engine finds the output."""


class Namespace(Spec):
    """A namespace that exists on the cluster."""

    name: DnsLabel
    """Its name."""
    labels: Labels = {}
    """Its labels."""


class ClusterSpec(Spec):
    """What the compiler must know of a cluster."""

    kubernetes: Minor
    """The minor release of Kubernetes, in quotes."""
    site: Site
    """Where the cluster is."""
    control_plane: ControlPlane | None = None
    """What runs its control plane."""
    storage_classes: tuple[StorageClass, ...] = ()
    """The storage that its volumes come from."""
    addons: Addons = Addons()
    """The releases of what runs on it."""
    velero: VeleroSettings = VeleroSettings()
    """How Velero is installed."""
    jobs: Jobs = Jobs()
    """How bpc's own jobs run."""
    gitops: GitOps = GitOps()
    """What applies the output."""
    inventory: tuple[Namespace, ...] = ()
    """The namespaces that exist; needed by policies that choose them by pattern or label."""
    defaults: Settings = Settings()
    """Settings for every policy on this cluster, above the tier's and below the policy's."""
    images: dict[Name, Text] = {}
    """Container images that replace those of the catalogue, such as those of your own registry."""


class Cluster(Spec):
    """A Kubernetes cluster and what runs on it."""

    api_version: Literal["bpc/v1"]
    """The version of the language."""
    kind: Literal["Cluster"]
    """Marks the document as a cluster."""
    metadata: Metadata
    """The cluster's name, and the labels by which policies choose it."""
    spec: ClusterSpec
    """What the compiler must know of it."""
