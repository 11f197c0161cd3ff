"""Elasticsearch or OpenSearch cannot make or keep its snapshots in the way that the copies ask for.

The server writes its snapshots by itself, straight to an object store: every node has to reach it, so a claim
or an NFS export that only jobs can mount will not do. It cannot copy from one location to another; let the
storage replicate the bucket and write `lag` instead of `every`, or have it make a second set of snapshots.
Its schedules came with Elasticsearch 7.4 and OpenSearch 2.1.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: search
          type: opensearch
          namespace: shop
          version: "1.3"
          connection: {host: search}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: search
          type: opensearch
          namespace: shop
          version: "2.19"
          connection: {host: search}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.search import Elasticsearch, Opensearch
from bpc.model.location import NfsLocation, PvcLocation
from bpc.model.release import Release
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan

CODE = Code("BPC747", "location-not-for-snapshots")
_FIRST = {"elasticsearch": Release(7, 4), "opensearch": Release(2, 1)}


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at the release and at every copy of each dataset."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Elasticsearch | Opensearch) or spec.held_by is not None:
            continue
        if getattr(spec, "managed_by", None) is not None:
            continue
        yield from _release(dataset, spec)
        for copy in dataset.copies:
            yield from _copy(dataset, copy)


def _release(dataset: DatasetPlan, spec: Elasticsearch | Opensearch) -> Iterator[Finding]:
    first = _FIRST[spec.type]
    text = spec.version
    if text is None or Release.parse(text if "." in text else f"{text}.999") >= first:
        return
    yield Finding(
        CODE,
        f"`{dataset.subject}` has no schedules for snapshots before release {first.series}",
        dataset.where / "version",
        help=f"upgrade the server to {first.series} or newer",
        subject=dataset.subject,
    )


def _copy(dataset: DatasetPlan, copy: CopyPlan) -> Iterator[Finding]:
    name = copy.location.name
    if isinstance(copy.location.spec, NfsLocation | PvcLocation):
        yield Finding(
            CODE,
            f"the server of `{dataset.subject}` cannot write to `{name}` by itself",
            copy.where,
            related=((copy.location.where.at("spec", "type"), "the location"),),
            help="name a location of an object store",
            subject=dataset.subject,
        )
    if copy.hop:
        yield Finding(
            CODE,
            f"no job can copy the snapshots of `{dataset.subject}` from `{copy.source}` to `{name}`",
            copy.where / "every",
            help="let the storage replicate the bucket, and write `lag: 15m` instead of `every`",
            subject=dataset.subject,
        )
    if copy.engine is not None:
        yield Finding(
            CODE,
            f"the server of `{dataset.subject}` writes its snapshots itself, without `{copy.engine}`",
            copy.where / "engine",
            help="drop `engine`",
            subject=dataset.subject,
        )
