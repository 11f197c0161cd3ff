"""A container image is named without its digest, or for a purpose that does not exist.

A tag can be moved to another image at any time, and the jobs that protect the data would run it. Write the
digest behind the tag; `docs/images.md` says how to find it and which purposes there are.

Bad:

    kind: Cluster
    spec:
      images: {kubectl: "registry.acme.example/k8s:1.34"}

Good:

    kind: Cluster
    spec:
      images:
        kubectl: "acme.example/k8s:1.34@sha256:\
0000000000000000000000000000000000000000000000000000000000000000"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.suggest import closest
from bpc.plan.estate import ClusterPlan
from bpc.plan.images import PURPOSES

CODE = Code("BPC603", "image-not-pinned")
_PINNED = re.compile(r"[a-z0-9][a-zA-Z0-9._/:-]*@sha256:[0-9a-f]{64}")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Look at every image that the cluster replaces."""
    for name, reference in plan.spec.images.items():
        where = plan.where.at("spec", "images", name)
        if name not in PURPOSES:
            near = closest(name, PURPOSES)
            yield Finding(
                CODE,
                f"no image is used for `{name}`",
                where.as_key(),
                help=f"did you mean `{near}`?" if near else f"use one of {', '.join(PURPOSES)}",
                subject=plan.name,
            )
        elif not _PINNED.fullmatch(reference):
            yield Finding(
                CODE,
                f"the image for `{name}` on cluster `{plan.name}` has no digest",
                where,
                help="write its digest behind it: `image:tag@sha256:…`",
                subject=plan.name,
            )
