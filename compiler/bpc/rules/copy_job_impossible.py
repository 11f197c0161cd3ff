"""No job can make a copy of a copy as it is declared.

A job copies what bpc's own jobs wrote, in the same form: with the engine that wrote the first copy and, for
plain objects, which are copied as they are, with the same password. Velero and CSI have no such job: there
the storage has to replicate the bucket, and `lag` says how far behind it may be.

Bad:

    kind: Location
    metadata: {name: other}
    spec:
      type: s3
      bucket: acme-other
      site: {provider: aws, region: eu-north-1, account: backup, realm: backup-admins}
      medium: object-store
    ---
    kind: Tier
    spec:
      copies: {to: [s3, {location: other, from: s3, every: 1d}]}

Good:

    kind: Location
    metadata: {name: other}
    spec:
      type: s3
      bucket: acme-other
      site: {provider: aws, region: eu-north-1, account: backup, realm: backup-admins}
      medium: object-store
    ---
    kind: Tier
    spec:
      copies: {to: [s3, {location: other, from: s3, lag: 15m}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan

CODE = Code("BPC727", "copy-job-impossible")
_OBJECT = "object"


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at every copy that a job is to make from another one."""
    for dataset in plan.datasets:
        if dataset.spec.held_by is not None:
            continue
        by_name = {copy.location.name: copy for copy in dataset.copies}
        for copy in dataset.copies:
            source = by_name.get(copy.source or "")
            if copy.hop and source is not None:
                ours = dataset.spec.copied_by_jobs(plan.cluster.spec.control_plane)
                yield from _hop(dataset, copy, source) if ours else _not_ours(dataset, copy)


def _not_ours(dataset: DatasetPlan, copy: CopyPlan) -> Iterator[Finding]:
    yield Finding(
        CODE,
        f"no job of bpc can copy `{dataset.subject}` to `{copy.location.name}`: none wrote the first copy",
        copy.where / "every",
        help="let the storage replicate the bucket, and write `lag: 15m` instead of `every`",
        subject=dataset.subject,
    )


def _hop(dataset: DatasetPlan, copy: CopyPlan, source: CopyPlan) -> Iterator[Finding]:
    if copy.engine is not None and copy.engine != (source.engine or "restic"):
        yield Finding(
            CODE,
            f"the copy at `{copy.location.name}` is made from that at `{source.location.name}`, "
            "which another engine wrote",
            copy.where / "engine",
            help=f"write `engine: {source.engine or 'restic'}`, or drop it",
            subject=dataset.subject,
        )
    if (
        source.engine == _OBJECT
        and source.location.spec.encryption != copy.location.spec.encryption
    ):
        yield Finding(
            CODE,
            f"the objects at `{source.location.name}` go as they are to `{copy.location.name}`, "
            "which has another password",
            copy.where,
            related=((copy.location.where.at("spec", "encryption"), "the other password"),),
            help="name the same Secret under `encryption` of both locations",
            subject=dataset.subject,
        )
