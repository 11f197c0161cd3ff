"""Two locations lead to the same folder of the same bucket.

Velero takes everything below a location's folder for its own. Two locations over one folder show
every backup twice, expire it twice, and count as one copy whatever the policy says.

Bad:

    kind: Location
    metadata:
      name: other
    spec:
      type: s3
      bucket: acme-backup
      site: {provider: aws, region: eu-west-1, account: backup, realm: backup-admins}
      medium: object-store
    ---
    kind: Tier
    spec:
      copies: {to: [s3, other]}

Good:

    kind: Location
    metadata:
      name: other
    spec:
      type: s3
      bucket: acme-backup
      prefix: other
      site: {provider: aws, region: eu-west-1, account: backup, realm: backup-admins}
      medium: object-store
    ---
    kind: Tier
    spec:
      copies: {to: [s3, other]}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC311", "locations-share-a-folder")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the buckets and folders of all locations that the cluster uses."""
    first: dict[tuple[object, ...], str] = {}
    for location in plan.locations:
        spec = location.spec
        bucket = getattr(spec, "bucket", None)
        if bucket is None:
            continue
        place = (
            spec.type,
            getattr(spec, "endpoint", None),
            spec.site.account,
            bucket,
            location.prefix,
        )
        other = first.setdefault(place, location.name)
        if other != location.name:
            where = next(each.where for each in plan.locations if each.name == other)
            yield Finding(
                CODE,
                f"locations `{other}` and `{location.name}` are the same folder `{location.prefix}` "
                f"of bucket `{bucket}`",
                location.where.at("spec", "bucket"),
                related=((where.at("spec", "bucket"), "the other location"),),
                help="give one of them a `prefix` or a bucket of its own",
                subject=location.name,
            )
