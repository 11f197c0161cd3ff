"""What saves the state of a control plane cannot write to a location.

k3s and RKE2 upload to one bucket that speaks the protocol of S3; kOps writes to its own state store. Further
copies have to be made by the storage: name them with `from` and `lag`. The job that saves the bundle of a
kubeadm cluster can only mount a claim of its own namespace.

Bad:

    kind: Cluster
    spec:
      controlPlane: {type: kops, stateStore: "s3://acme-kops"}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd}]

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      bucket: acme-kops
    ---
    kind: Cluster
    spec:
      controlPlane: {type: kops, stateStore: "s3://acme-kops"}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.control_plane import K3s, Kops, Kubeadm, KubeadmExternalEtcd, Rke2
from bpc.model.datasets.etcd import Etcd
from bpc.model.location import OssLocation, PvcLocation, S3Location
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan

CODE = Code("BPC604", "etcd-copy-impossible")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at the copies of every dataset of a control plane's state."""
    control = plan.cluster.spec.control_plane
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Etcd) or dataset.spec.held_by is not None:
            continue
        if isinstance(control, Kubeadm | KubeadmExternalEtcd):
            yield from _claims(dataset, dataset.spec)
        elif isinstance(control, K3s | Rke2 | Kops):
            for copy in dataset.direct_copies[:1]:
                yield from _place(dataset, copy, control)
            for copy in dataset.direct_copies[1:]:
                yield _finding(
                    dataset,
                    copy,
                    f"a second place for `{dataset.subject}` cannot be written to by the control plane",
                    "let the storage copy it: write `from` and `lag`",
                )


def _claims(dataset: DatasetPlan, spec: Etcd) -> Iterator[Finding]:
    for copy in dataset.copies:
        place = copy.location.spec
        if (
            spec.bundle is not None
            and isinstance(place, PvcLocation)
            and place.namespace != spec.bundle.namespace
        ):
            yield _finding(
                dataset,
                copy,
                f"the job that saves the bundle of `{dataset.subject}` runs in namespace "
                f"`{spec.bundle.namespace}`, and the claim of `{copy.location.name}` is in "
                f"`{place.namespace}`",
                f"write `namespace: {place.namespace}` under `bundle`, or name an object store",
            )


def _place(dataset: DatasetPlan, copy: CopyPlan, control: K3s | Rke2 | Kops) -> Iterator[Finding]:
    location = copy.location
    if isinstance(control, Kops):
        bucket = control.state_store.partition("://")[2].partition("/")[0]
        if getattr(location.spec, "bucket", None) != bucket:
            yield _finding(
                dataset,
                copy,
                f"etcd-manager writes to the state store `{control.state_store}`, and `{location.name}` is "
                "another place",
                f"name the location whose bucket is `{bucket}`",
            )
    elif not isinstance(location.spec, S3Location | OssLocation):
        yield _finding(
            dataset,
            copy,
            f"`{location.name}` is no bucket that {control.type} can write to",
            "name a location of `type: s3` or `oss`",
        )


def _finding(dataset: DatasetPlan, copy: CopyPlan, message: str, advice: str) -> Finding:
    return Finding(CODE, message, copy.where, help=advice, subject=dataset.subject)
