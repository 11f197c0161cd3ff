"""What the server is to be told, as data: its repository, and the policies that fill it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bpc.cron import HORIZON_START
from bpc.cron.dialects import to_numbers, to_quartz
from bpc.jobs.stores import remote
from bpc.model.datasets.search import Elasticsearch, Opensearch
from bpc.model.location import AzureLocation, GcsLocation
from bpc.plan import names
from bpc.plan.estate import CopyPlan, DatasetPlan, LocationPlan, Rung
from bpc.plan.points import most_points
from bpc.plan.schedule import YEARS, gap

Search = Elasticsearch | Opensearch
_Values = dict[str, object]

_FLOOR = 3
"""So many points of a rung stay, however old they are."""
# OpenSearch looks at its policies once a minute.
_SERVER_DELAY = 60
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def desired(dataset: DatasetPlan, spec: Search, copy: CopyPlan) -> str:
    """Return the JSON text that the scripts read for one copy."""
    policies = [] if copy.source is not None else list(copy.rungs)
    document = {
        "repository": {"name": repository(dataset, copy), "body": _repository(dataset, spec, copy)},
        "subject": _subject(dataset, copy),
        "indices": [*spec.indices],
        "policies": [_policy(dataset, spec, copy, rung) for rung in policies],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def repository(dataset: DatasetPlan, copy: CopyPlan) -> str:
    """Return the name under which the server knows a location."""
    place = copy.location.name
    return names.join(dataset.policy, dataset.name, place, limit=names.LABEL_LIMIT)


def policy_name(dataset: DatasetPlan, copy: CopyPlan, rung: Rung) -> str:
    """Return the name of the server's policy that makes one rung."""
    return names.server_policy(dataset.policy, dataset.name, copy.location.name, rung.name)


def whole(seconds: int) -> str:
    """Return a time in the largest unit that it fills, rounded up.

    OpenSearch writes 36 hours down as `1.5d`, which it refuses to read again.
    """
    for unit, length in _UNITS.items():
        if seconds >= length:
            return f"{-(-seconds // length)}{unit}"
    return "1s"


def _subject(dataset: DatasetPlan, copy: CopyPlan) -> str:
    # A copy that the storage makes holds what was made for the location that it is filled from.
    by_name = {each.location.name: each for each in dataset.copies}
    while copy.source in by_name:
        copy = by_name[copy.source]
    return f"{dataset.cluster}/{dataset.subject}/{copy.location.name}"


def _repository(dataset: DatasetPlan, spec: Search, copy: CopyPlan) -> _Values:
    location = copy.location
    path = f"{location.points}/{dataset.policy}/{dataset.name}"
    settings: _Values = {"base_path": path, "client": spec.client, **_place(location)}
    return {"type": _type(location), "settings": settings}


def _type(location: LocationPlan) -> str:
    kind = location.spec.type
    return "s3" if kind == "oss" else kind


def _place(location: LocationPlan) -> Mapping[str, object]:
    spec = location.spec
    if isinstance(spec, AzureLocation):
        return {"container": spec.bucket}
    found: _Values = {"bucket": remote(location).root}
    if isinstance(spec, GcsLocation):
        return found
    settings = remote(location).settings
    if "ENDPOINT" in settings:
        found["endpoint"] = settings["ENDPOINT"]
    if settings.get("FORCE_PATH_STYLE") == "true":
        found["path_style_access"] = "true"
    return found


def _policy(dataset: DatasetPlan, spec: Search, copy: CopyPlan, rung: Rung) -> _Values:
    name = policy_name(dataset, copy, rung)
    subject = f"{_subject(dataset, copy)}/{rung.name}"
    most = max(most_points(rung), _FLOOR) + 1
    make = _opensearch if isinstance(spec, Opensearch) else _elasticsearch
    return {
        "name": name,
        "subject": subject,
        "oldest": gap(rung.cron, rung.zone) + dataset.completion_delay + _SERVER_DELAY,
        "longest": dataset.run_limit,
        "body": make(dataset, spec, rung, (name, repository(dataset, copy), subject), most),
    }


def _snapshot(spec: Search, subject: str) -> _Values:
    return {
        "indices": ",".join(expression(spec)),
        "ignore_unavailable": False,
        "include_global_state": True,
        "partial": False,
        "metadata": {"bpc": subject},
    }


def expression(spec: Search) -> list[str]:
    """Return what the server is asked for; exclusions alone would choose nothing."""
    chosen = [*spec.indices]
    return chosen if any(not each.startswith("-") for each in chosen) else ["*", *chosen]


def _elasticsearch(
    dataset: DatasetPlan, spec: Search, rung: Rung, called: tuple[str, str, str], most: int
) -> _Values:
    name, place, subject = called
    # The build has stopped before this where the times cannot be converted.
    schedule = to_quartz(rung.cron, rung.zone, HORIZON_START, YEARS) or ""
    return {
        "name": f"<{name}-{{now/s{{yyyyMMdd-HHmmss}}}}>",
        "schedule": schedule,
        "repository": place,
        "config": _snapshot(spec, subject),
        "retention": {"expire_after": whole(rung.keep), "min_count": _FLOOR, "max_count": most},
    }


def _opensearch(
    dataset: DatasetPlan, spec: Search, rung: Rung, called: tuple[str, str, str], most: int
) -> _Values:
    _, place, subject = called
    cron = {"expression": to_numbers(rung.cron) or "", "timezone": _zone(rung.zone)}
    schedule = {"cron": cron}
    limit = whole(dataset.run_limit)
    return {
        "description": f"made by bpc for {subject}",
        "enabled": not dataset.spec.paused,
        "creation": {"schedule": schedule, "time_limit": limit},
        "deletion": {
            "schedule": schedule,
            "condition": {"max_age": whole(rung.keep), "min_count": _FLOOR, "max_count": most},
            "time_limit": "1h",
        },
        "snapshot_config": {"repository": place, **_snapshot(spec, subject)},
    }


def _zone(zone: str) -> str:
    return "UTC" if zone in ("Etc/UTC", "UTC") else zone
