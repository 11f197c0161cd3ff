"""bpc knows no container image, by digest, for what a dataset needs.

The client programs have to fit the release of the server, and every image is named by its digest. Where the
catalogue has none, name one under `images` of the cluster, for instance from a registry of your own;
`docs/images.md` says what each has to hold.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, version: "9.6", connection: {host: db}}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, version: "17", connection: {host: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import PolicyPlan
from bpc.plan.images import find_image

CODE = Code("BPC609", "image-unknown")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look for the images of every dataset that jobs read."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if spec.held_by is not None or getattr(spec, "managed_by", None) is not None:
            continue
        release = getattr(spec, "version", None)
        for purpose in spec.purposes():
            if find_image(plan.cluster.spec, purpose, release) is None:
                of = f" {release}" if release else ""
                yield Finding(
                    CODE,
                    f"bpc knows no image for `{purpose}`{of}, which `{dataset.subject}` needs",
                    dataset.where / "version" if release else dataset.where,
                    related=((plan.cluster.where / "spec", "the cluster"),),
                    help=f"name one under `images` of the cluster: `{purpose}: registry/image@sha256:…`",
                    subject=dataset.subject,
                )
