from __future__ import annotations

from typing import Any

import pytest

J = "spec|jobTemplate|spec|"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"spec|schedule": "61 2 * * 9 9"}, "spec/schedule: `61 2 * * 9 9` is no cron string"),
        ({"spec|schedule": "TZ=UTC 0 2 * * *"}, "`TZ=UTC 0 2 * * *` is no cron string"),
        ({"spec|schedule": "0 2 31 2 *"}, "`0 2 31 2 *` never runs"),
        ({"spec|timeZone": "Mars/One"}, "spec/timeZone: `Mars/One` is no time zone"),
        ({"spec|timeZone": "Local"}, "`Local` is no time zone"),
        ({"spec|timeZone": ""}, "`` is no time zone"),
        ({"spec|concurrencyPolicy": "forbid"}, "`forbid` is not `Allow`, `Forbid` or `Replace`"),
        ({"spec|startingDeadlineSeconds": 9}, "`9` is under 10 seconds"),
        ({"spec|startingDeadlineSeconds": ...}, "spec: missing field `startingDeadlineSeconds`"),
        ({J + "activeDeadlineSeconds": ...}, "a job needs a limit"),
        ({J + "activeDeadlineSeconds": 0}, "a job needs a limit"),
    ],
)
def test_what_no_schema_says_of_a_cron_job_is_a_fault(
    changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = check(edited("CronJob", changes))
    assert len(faults) == 1
    assert fault in faults[0]


def test_ten_seconds_are_enough_of_a_deadline(edited: Any, check: Any) -> None:
    assert check(edited("CronJob", {"spec|startingDeadlineSeconds": 10})) == []


def test_a_suspended_job_may_name_a_day_that_never_comes(edited: Any, check: Any) -> None:
    assert check(edited("CronJob", {"spec|schedule": "0 2 31 2 *", "spec|suspend": True})) == []


def test_a_plain_job_is_judged_like_that_of_a_cron_job(edited: Any, check: Any) -> None:
    faults = check(edited("Job", {"spec|activeDeadlineSeconds": ...}))
    assert faults == ["spec/activeDeadlineSeconds: a job needs a limit of at least 1 second"]


@pytest.mark.parametrize("policy", ["Never", "OnFailure"])
def test_a_deployment_restarts_its_pods_always(policy: str, edited: Any, check: Any) -> None:
    faults = check(edited("Deployment", {"spec|template|spec|restartPolicy": policy}))
    assert faults == [f"spec/template/spec/restartPolicy: is `{policy}` and must be `Always`"]


def test_a_pod_on_its_own_is_judged_where_it_stands(edited: Any, check: Any) -> None:
    faults = check(edited("Pod", {"spec|containers|0|image": "postgres", "spec|hostPID": True}))
    assert [text.partition(":")[0] for text in faults] == [
        "spec/containers/0/image",
        "spec/hostPID",
    ]


def test_a_privilege_that_is_granted_is_no_fault(edited: Any, check: Any) -> None:
    manifest = edited("Pod", {"spec|hostNetwork": True})
    assert len(check(manifest)) == 1
    assert check(manifest, frozenset({"host-namespaces"})) == []
