"""CloudNativePG's schedule of base backups, 1.20 to 1.30.

Beyond the schema of the project, this refuses what its webhook only warns of: a schedule of five fields,
which it reads with seconds first.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.model.release import Release
from bpc.validate.fault import Fault, Manifest
from bpc.validate.resource import Resource, Served, Target
from bpc.validate.schedules import never_runs
from bpc.validate.shapes import FLAG, NON_EMPTY, TEXT_MAP, Shape, one_of, text

GROUP = "postgresql.cnpg.io"
NEWEST = "1.30"
"""The newest release whose fields are known here."""

_LONGEST_NAME = 63 - len("-20261124120000")  # the names of Backups become values of labels
_SNAPSHOT_METHOD = "volumeSnapshot"
_PLUGIN_METHOD = "plugin"
_SPEC: Shape = {
    "schedule!": text("cron-with-seconds"),
    "cluster!": {"name!": text("dns-subdomain")},
    "suspend": FLAG,
    "immediate": FLAG,
    "backupOwnerReference": one_of("none", "self", "cluster"),
    "target": one_of("primary", "prefer-standby"),
    "method": one_of("barmanObjectStore", _SNAPSHOT_METHOD, _PLUGIN_METHOD),
    "pluginConfiguration": {"name!": NON_EMPTY, "parameters": TEXT_MAP},
    "online": FLAG,
    "onlineConfiguration": {"waitForArchive": FLAG, "immediateCheckpoint": FLAG},
}


def _rules(manifest: Manifest) -> Iterator[Fault]:
    spec = manifest["spec"]
    method = spec.get("method")
    if (method == _PLUGIN_METHOD) != ("pluginConfiguration" in spec):
        yield Fault(
            ("spec", "pluginConfiguration"), "belongs to the method `plugin`, and to no other"
        )
    if method != _SNAPSHOT_METHOD:
        for name in ("online", "onlineConfiguration"):
            if name in spec:
                yield Fault(("spec", name), "can only be set for the method `volumeSnapshot`")
    schedule = spec["schedule"]
    if not schedule.startswith("@") and never_runs(schedule.partition(" ")[2]):
        yield Fault(("spec", "schedule"), f"`{schedule}` names no day, so that nothing ever runs")


_SCHEDULED_BACKUP = Served(
    _SPEC,
    first="1.20",
    late={
        "spec.method": "1.21",
        "spec.online": "1.22",
        "spec.onlineConfiguration": "1.22",
        "spec.pluginConfiguration": "1.24",
    },
    rules=(_rules,),
)


def resource(api_version: str, kind: str, target: Target) -> Resource:
    """Return the model of a kind; ValueError where the cluster's CloudNativePG has none."""
    release = Release.parse(target.cnpg or NEWEST)
    served = _SCHEDULED_BACKUP.at(release)
    if api_version != f"{GROUP}/v1" or kind != "ScheduledBackup" or served is None:
        raise ValueError(f"no model for kind `{kind}` of `{api_version}` at {release.series}")
    return Resource(served.fields, served.serves, served.rules, longest_name=_LONGEST_NAME)
