from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from bpc.validate import Target, Validator
from bpc.validate.cnpg import GROUP
from bpc.validate.schedules import is_cron_with_seconds

SHARED = Path(__file__).parents[3].parent / "shared"
PUBLISHED = SHARED / "schemas" / "cloudnative-pg"
USED = SHARED / "corpus" / "manifests"
# What each release is tried with: the definitions that are at hand, and the fields that it lacks.
RELEASES = {
    "1.20.6": {"method", "pluginConfiguration", "online", "onlineConfiguration"},
    "1.24.4": set(),
    "1.27.4": set(),
    "1.30.0": set(),
}
_FILE = f"{GROUP}_scheduledbackup_v1.json"


def schedule(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ScheduledBackup",
        "metadata": {"name": "shop--orders", "namespace": "shop"},
        "spec": {
            "schedule": "0 0 2 * * *",
            "cluster": {"name": "orders"},
            "immediate": True,
            "backupOwnerReference": "none",
            "method": "plugin",
            "pluginConfiguration": {"name": "barman-cloud.cloudnative-pg.io"},
            **spec,
        },
    }


def faults(manifest: dict[str, Any], release: str | None = None) -> list[str]:
    target = Target("1.31", cnpg=release)
    return [each.message for each in Validator(target).check(manifest)]


def test_what_bpc_writes_passes() -> None:
    assert faults(schedule()) == []
    assert faults(schedule(), "1.24") == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"schedule": "0 2 * * *"}, "six fields"),
        ({"schedule": "0 0 2 * * 7"}, "six fields"),
        ({"schedule": "* 0 2 * * *"}, "six fields"),
        ({"schedule": "60 0 2 * * *"}, "six fields"),
        ({"schedule": "CRON_TZ=Europe/Berlin 0 0 2 * * *"}, "six fields"),
        ({"schedule": "0 0 2 31 2 *"}, "names no day"),
        ({"method": "barman"}, "`barman` is not"),
        ({"method": "volumeSnapshot"}, "belongs to the method `plugin`"),
        ({"pluginConfiguration": {}}, "missing field `name`"),
        ({"online": True}, "can only be set for the method `volumeSnapshot`"),
        ({"backupOwnerReference": "nobody"}, "`nobody` is not"),
        ({"timeZone": "UTC"}, "unknown field `timeZone`"),
        ({"cluster": {}}, "missing field `name`"),
    ],
)
def test_what_the_operator_misreads_or_refuses_is_a_fault(
    changes: dict[str, Any], fault: str
) -> None:
    found = faults(schedule(**changes))
    assert len(found) == 1
    assert fault in found[0]


def test_a_name_that_makes_no_label_of_a_backup_is_a_fault() -> None:
    manifest = schedule()
    manifest["metadata"]["name"] = "x" * 49
    assert len(faults(manifest)) == 1


def test_a_release_that_is_too_old_for_a_field_does_not_take_it() -> None:
    assert "unknown field `pluginConfiguration`" in faults(schedule(), "1.23")[0]


@pytest.mark.parametrize("release", RELEASES)
def test_the_published_definition_takes_what_ours_takes(release: str) -> None:
    file = PUBLISHED / f"v{release}" / _FILE
    if not file.exists():
        pytest.skip(f"{file} is not at hand")
    published = json.loads(file.read_text())["openAPIV3Schema"]["properties"]["spec"]
    assert set(published["properties"]).isdisjoint(RELEASES[release])
    spec = {k: v for k, v in schedule()["spec"].items() if k not in RELEASES[release]}
    assert set(spec) <= set(published["properties"])
    jsonschema_rs.validator_for(published).validate(spec)
    assert faults(schedule() | {"spec": spec}, release) == []


def test_what_people_wrote_is_judged_as_their_operator_reads_it() -> None:
    if not USED.exists():
        pytest.skip(f"{USED} is not at hand")
    seen = [spec for path in sorted(USED.rglob("*.yaml")) for spec in _specs(path)]
    assert seen
    for spec in seen:
        fields = len(str(spec["schedule"]).split())
        if fields == 5:
            assert not is_cron_with_seconds(spec["schedule"])


def _specs(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if "kind: ScheduledBackup" not in text:
        return []
    try:
        documents = [*yaml.safe_load_all(text)]
    except yaml.YAMLError:
        return []
    kinds = [d for d in documents if isinstance(d, dict) and d.get("kind") == "ScheduledBackup"]
    return [d["spec"] for d in kinds if isinstance(d.get("spec"), dict) and "schedule" in d["spec"]]
