"""bpc knows no container image, by digest, for the tools that save etcd.

A snapshot is made and tried out with the tools of the release that runs, and a Talos node is asked with
`talosctl`, whose release should be that of the nodes. Where the catalogue has none, name one under `images`
of the cluster; `docs/images.md` says what each has to hold.

Bad:

    kind: Cluster
    spec:
      controlPlane: {type: talos, members: [{name: cp-1, address: 10.0.0.11}]}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd, access: talos-backup}]

Good:

    kind: Cluster
    spec:
      controlPlane: {type: talos, members: [{name: cp-1, address: 10.0.0.11}]}
      images:
        talosctl: "acme.example/talosctl:1@sha256:\
0000000000000000000000000000000000000000000000000000000000000000"
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd, access: talos-backup}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.control_plane import Kubeadm, KubeadmExternalEtcd, Talos
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import PolicyPlan
from bpc.plan.images import find_image

CODE = Code("BPC606", "etcd-image-unknown")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look for the images of every dataset of a control plane's state that jobs read."""
    control = plan.cluster.spec.control_plane
    needed: list[tuple[str, str | None]] = []
    if isinstance(control, Kubeadm | KubeadmExternalEtcd):
        needed = [("etcd", control.etcd)]
    elif isinstance(control, Talos):
        needed = [("etcd", None), ("talosctl", None)]
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Etcd) or dataset.spec.held_by is not None:
            continue
        for purpose, release in needed:
            if find_image(plan.cluster.spec, purpose, release) is None:
                of = f" {release}" if release else ""
                yield Finding(
                    CODE,
                    f"bpc knows no image for `{purpose}`{of}, which `{dataset.subject}` needs",
                    dataset.where,
                    related=((plan.cluster.where / "spec", "the cluster"),),
                    help=f"name one under `images` of the cluster: `{purpose}: registry/image@sha256:…`",
                    subject=dataset.subject,
                )
