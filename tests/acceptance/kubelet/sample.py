"""A Job in the shape of generated ones, for the tests of the kubelet itself."""

from __future__ import annotations

from typing import Any

Fields = dict[str, Any]
USER = 10001

HARDENED: Fields = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def container(script: str, *, name: str = "main", **fields: Any) -> Fields:
    """Return a hardened container that runs a script."""
    return {
        "name": name,
        "image": "example.org/tools:1",
        "command": ["/bin/sh", "-ec", script],
        "securityContext": HARDENED,
        **fields,
    }


def job(*containers: Fields, pod: Fields | None = None, **spec: Any) -> Fields:
    """Return a Job without retries that runs as an ordinary user."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "sample", "namespace": "prod"},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": 60,
            **spec,
            "template": {
                "metadata": {"labels": {"app": "sample"}},
                "spec": {
                    "restartPolicy": "Never",
                    "automountServiceAccountToken": False,
                    "terminationGracePeriodSeconds": 1,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "runAsUser": USER,
                        "runAsGroup": USER,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    **(pod or {}),
                    "containers": list(containers),
                },
            },
        },
    }


def cron_job(inner: Fields, **spec: Any) -> Fields:
    """Return a CronJob that creates a Job."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": inner["metadata"],
        "spec": {
            "schedule": "17 3 * * *",
            "timeZone": "Europe/Berlin",
            "concurrencyPolicy": "Forbid",
            **spec,
            "jobTemplate": {"spec": inner["spec"]},
        },
    }


def mounted(source: Fields, path: str = "/data", **mount: Any) -> tuple[Fields, Fields]:
    """Return the volume for a pod, and what its container says about it."""
    volume = {"volumes": [{"name": "volume", **source}]}
    return volume, {"volumeMounts": [{"name": "volume", "mountPath": path, **mount}]}
