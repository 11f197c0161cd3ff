from __future__ import annotations

from typing import Any

import pytest

P = "spec|jobTemplate|spec|template|spec|"
C = P + "containers|0|"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({P + "restartPolicy": "Always"}, "is `Always` and must be `Never` or `OnFailure`"),
        ({P + "restartPolicy": "never"}, "is `never` and must be"),
        ({P + "restartPolicy": ...}, "is `Always` and must be"),
        ({C + "image": ""}, "`` is not pinned"),
        ({C + "image": "postgres:16"}, "`postgres:16` is not pinned"),
        ({C + "image": "postgres@sha256:abc"}, "is not pinned"),
        ({C + "image": ...}, "is not pinned"),
        ({C + "imagePullPolicy": "sometimes"}, "`sometimes` is no pull policy"),
        ({C + "env|0|name": "A B"}, "`A B` cannot name a variable"),
        ({C + "env|0|name": "1A"}, "`1A` cannot name a variable"),
        ({C + "env|0|name": "PGUSER"}, "env/1/name: `PGUSER` is set twice"),
        ({C + "resources|limits|memory": "1GiB"}, "`1GiB` is not a quantity"),
        ({C + "resources|limits|memory": "-1Gi"}, "`-1Gi` is negative"),
        ({C + "resources|limits|memory": "128Mi"}, "`256Mi` is above the limit `128Mi`"),
        ({C + "resources|limits": ...}, "resources/limits: missing field `memory`"),
        ({C + "resources|requests|memory": ...}, "resources/requests: missing field `memory`"),
        ({C + "volumeMounts|0|mountPath": "scripts"}, "`scripts` is no absolute path"),
        ({C + "volumeMounts|0|mountPath": "/work"}, "`/work` is mounted twice"),
        ({C + "volumeMounts": []}, "no container mounts the volume `scripts`"),
        ({P + "volumes|1|name": "scratch"}, "no volume `work` for what a container mounts"),
        ({P + "volumes|1|name": "scripts"}, "the name `scripts` is used twice"),
        ({P + "volumes|1|configMap": {"name": "x"}}, "a volume needs exactly one source"),
        ({P + "volumes|1|emptyDir": ...}, "a volume needs exactly one source"),
        ({P + "volumes|1|emptyDir|sizeLimit": "10GB"}, "`10GB` is not a quantity"),
        ({P + "volumes|0|configMap|defaultMode": 755}, "`755` is no file mode from 0 to 511"),
        (
            {P + "volumes|0|configMap|items": [{"key": "a", "path": "a", "mode": 1000}]},
            "`1000` is no",
        ),
        (
            {
                P + "volumes|0": {
                    "name": "scripts",
                    "projected": {
                        "sources": [
                            {
                                "secret": {
                                    "name": "x",
                                    "items": [{"key": "a", "path": "a", "mode": -1}],
                                }
                            }
                        ]
                    },
                }
            },
            "projected/sources/0/secret/items/0/mode: `-1` is no file mode",
        ),
        ({C + "name": "Dump"}, "`Dump` is no DNS label"),
        ({P + "containers": []}, "a pod needs a container"),
        ({C + "args": ["--user=$(PGUSER)"]}, "args/0: the kubelet rewrites"),
    ],
)
def test_what_no_schema_says_of_a_pod_is_a_fault(
    changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = [text for text in check(edited("CronJob", changes)) if fault in text]
    assert len(faults) == 1
    assert faults[0].startswith("spec/jobTemplate/spec/template/spec/")


def test_containers_of_both_kinds_share_one_set_of_names(edited: Any, check: Any) -> None:
    manifest = edited("CronJob", {})
    pod = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    pod["initContainers"] = [dict(pod["containers"][0])]
    assert [text.rpartition(": ")[2] for text in check(manifest)] == [
        "the name `dump` is used twice"
    ]
    pod["initContainers"][0]["name"] = "prepare"
    assert check(manifest) == []


def test_whole_numbers_are_quantities(edited: Any, check: Any) -> None:
    resources = {"requests": {"cpu": 1, "memory": 1024}, "limits": {"cpu": 2, "memory": "1Ki"}}
    assert check(edited("CronJob", {C + "resources": resources})) == []
