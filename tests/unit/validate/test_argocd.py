from __future__ import annotations

from typing import Any

import pytest

from bpc.validate import Target, Validator


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"spec|source": ...}, "spec: needs exactly one of `source` and `sources`"),
        ({"spec|destination|name": "prod"}, "needs exactly one of `server` and `name`"),
        ({"spec|source|path": "../other"}, "is not a path that stays inside its directory"),
        ({"spec|source|kustomize": {"namePrefix": "x-"}}, "unknown field `kustomize`"),
        ({"spec|syncPolicy|automated|prune": "yes"}, "`yes` is not of type `boolean`"),
        ({"spec|project": ""}, "spec/project: must not be empty"),
        ({"operation": {}}, "unknown field `operation`"),
        ({"kind": "AppProject"}, "no model for kind `AppProject`"),
    ],
)
def test_what_argo_cd_refuses_or_would_corrupt_is_a_fault(
    changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = check(edited("Application", changes))
    assert len(faults) == 1
    assert fault in faults[0]


def test_switching_automation_off_needs_the_release_that_knows_the_field(edited: Any) -> None:
    manifest = edited("Application", {"spec|syncPolicy|automated|enabled": False})
    assert Validator(Target("1.31", argocd="3.1")).check(manifest) == []
    assert Validator(Target("1.31", argocd="2.14")).check(manifest) != []


def test_releases_before_the_first_modelled_one_are_refused(sample: Any) -> None:
    faults = Validator(Target("1.31", argocd="2.7")).check(sample("Application"))
    assert [fault.message for fault in faults] == [
        "no model for Argo CD 2.7; there are some from 2.8"
    ]
