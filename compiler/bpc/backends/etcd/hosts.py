"""Control planes that save their state by themselves: the settings that tell them how, as files for people.

GitOps cannot reach the files of a server node, or the specification that kOps keeps in its bucket.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from bpc.model.control_plane import K3s, Kops, Rke2
from bpc.model.datasets.etcd import Etcd
from bpc.model.location import OssLocation, S3Location
from bpc.plan.artifact import Artifact
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.points import most_points
from bpc.plan.schedule import gap
from bpc.render import dump_one, header
from bpc.render.values import Data

DROP_IN = "50-bpc-etcd-snapshot.yaml"
KOPS = "kops-etcd-clusters.yaml"
_DAY = 86_400


def host_file(plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd) -> Artifact | None:
    """Return the settings of a dataset whose control plane saves it; None for the others."""
    match plan.cluster.spec.control_plane:
        case K3s() | Rke2():
            name, data = DROP_IN, drop_in(dataset, spec)
        case Kops():
            name, data = KOPS, kops(dataset)
        case _:
            return None
    if not dataset.rungs or dataset.spec.paused:
        return None
    return Artifact(
        path=host_path(dataset, name),
        content=header(dataset.where.path) + dump_one(data),
        template="etcd",
        where=dataset.where,
        owner=plan.name,
        applied=False,
    )


def host_path(dataset: DatasetPlan, name: str) -> str:
    """Return where a file for hosts is, relative to the cluster's directory."""
    return f"hosts/{dataset.policy}/{dataset.name}/{name}"


def drop_in(dataset: DatasetPlan, spec: Etcd) -> dict[str, Data]:
    """Return the settings of k3s and RKE2, which keep a number of snapshots on each server."""
    if not dataset.rungs:
        return {}
    rung = dataset.rungs[0]
    data: dict[str, Data] = {
        "etcd-snapshot-schedule-cron": rung.cron,
        "etcd-snapshot-retention": most_points(rung),
        "etcd-snapshot-compress": True,
        "etcd-s3": True,
    }
    if spec.access is not None:
        # Any further setting of the bucket would make k3s ignore the Secret.
        return data | {"etcd-s3-config-secret": spec.access}
    return data | {f"etcd-s3-{key}": value for key, value in bucket(dataset).items()}


def bucket(dataset: DatasetPlan) -> dict[str, Data]:
    """Return where k3s and RKE2 write to, as their settings name it; no keys."""
    if not dataset.copies:
        return {}
    location = dataset.copies[0].location
    spec = location.spec
    found: dict[str, Data] = {"folder": f"{location.points}/{dataset.policy}/{dataset.name}"}
    if isinstance(spec, S3Location):
        found |= {"bucket": spec.bucket, "region": spec.site.region}
        if spec.endpoint is None:
            found["endpoint"] = f"s3.{spec.site.region}.amazonaws.com"
        else:
            parts = urlsplit(spec.endpoint)
            found["endpoint"] = parts.netloc
            found |= {"insecure": True} if parts.scheme == "http" else {}
    elif isinstance(spec, OssLocation):
        inside = "-internal" if spec.network == "internal" else ""
        found |= {"bucket": spec.bucket, "region": f"oss-{spec.site.region}"}
        found["endpoint"] = f"oss-{spec.site.region}{inside}.aliyuncs.com"
    return found


def kops(dataset: DatasetPlan) -> dict[str, Data]:
    """Return the part of a kOps cluster's specification that says how often etcd-manager saves."""
    if not dataset.rungs:
        return {}
    rung = dataset.rungs[0]
    keep = max(each.keep for each in dataset.rungs)
    manager: dict[str, Data] = {
        "backupInterval": _go_duration(gap(rung.cron, "UTC")),
        "backupRetentionDays": -(-keep // _DAY),
    }
    clusters: list[Data] = [{"name": name, "manager": dict(manager)} for name in ("main", "events")]
    return {"spec": {"etcdClusters": clusters}}


def _go_duration(seconds: int) -> str:
    """Return a duration as Go writes it."""
    return f"{seconds // 3600}h{seconds % 3600 // 60}m{seconds % 60}s"
