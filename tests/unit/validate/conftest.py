from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bpc.validate import Fault, Target, Validator

SHARED = Path(__file__).parents[3].parent / "shared"
DIGEST = "sha256:" + "a" * 64

Manifest = dict[str, Any]


def _pod() -> Manifest:
    return {
        "restartPolicy": "Never",
        "serviceAccountName": "orders-dump",
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "dump",
                "image": f"registry.example/postgres@{DIGEST}",
                "imagePullPolicy": "IfNotPresent",
                "command": ["/bin/sh", "/scripts/backup.sh"],
                "env": [
                    {"name": "PGHOST", "value": "orders-db"},
                    {
                        "name": "PGUSER",
                        "valueFrom": {"secretKeyRef": {"name": "orders", "key": "user"}},
                    },
                ],
                "resources": {
                    "requests": {"cpu": "100m", "memory": "256Mi"},
                    "limits": {"memory": "1Gi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": "scripts", "mountPath": "/scripts", "readOnly": True},
                    {"name": "work", "mountPath": "/work"},
                ],
            }
        ],
        "volumes": [
            {"name": "scripts", "configMap": {"name": "orders-scripts", "defaultMode": 292}},
            {"name": "work", "emptyDir": {"sizeLimit": "10Gi"}},
        ],
    }


def _job_spec() -> Manifest:
    return {
        "activeDeadlineSeconds": 1800,
        "backoffLimit": 1,
        "template": {"metadata": {"labels": {"app": "orders"}}, "spec": _pod()},
    }


def _metadata(name: str, namespace: str | None = "shop") -> Manifest:
    metadata: Manifest = {"name": name, "labels": {"app.kubernetes.io/managed-by": "bpc"}}
    return metadata if namespace is None else {**metadata, "namespace": namespace}


def _core() -> dict[str, Manifest]:
    deployed = _pod() | {"restartPolicy": "Always"}
    return {
        "CronJob": {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": _metadata("orders-dump"),
            "spec": {
                "schedule": "17 */6 * * *",
                "timeZone": "Asia/Shanghai",
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": 600,
                "jobTemplate": {"spec": _job_spec()},
            },
        },
        "Job": {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": _metadata("orders-restore"),
            "spec": _job_spec(),
        },
        "Pod": {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": _metadata("orders-shell"),
            "spec": _pod(),
        },
        "Deployment": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": _metadata("exporter"),
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "exporter"}},
                "template": {"metadata": {"labels": {"app": "exporter"}}, "spec": deployed},
            },
        },
        "ConfigMap": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": _metadata("orders-scripts"),
            "data": {"backup.sh": "#!/bin/sh\nset -eu\n"},
        },
        "Secret": {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": _metadata("snapshot-token"),
            "type": "kubernetes.io/service-account-token",
        },
        "PersistentVolumeClaim": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": _metadata("media"),
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "10Gi"}},
            },
        },
        "ServiceAccount": {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": _metadata("orders-dump"),
            "automountServiceAccountToken": False,
        },
        "Role": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": _metadata("snapshots"),
            "rules": [
                {
                    "apiGroups": ["snapshot.storage.k8s.io"],
                    "resources": ["volumesnapshots"],
                    "verbs": ["create", "list", "delete"],
                }
            ],
        },
        "ClusterRole": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": _metadata("bpc:contents", None),
            "rules": [
                {
                    "apiGroups": ["snapshot.storage.k8s.io"],
                    "resources": ["volumesnapshotcontents"],
                    "verbs": ["get"],
                }
            ],
        },
        "RoleBinding": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": _metadata("snapshots"),
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": "snapshots",
            },
            "subjects": [{"kind": "ServiceAccount", "name": "snapshots", "namespace": "shop"}],
        },
        "NetworkPolicy": {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": _metadata("orders-dump"),
            "spec": {
                "podSelector": {"matchLabels": {"app": "orders"}},
                "policyTypes": ["Ingress", "Egress"],
                "egress": [{"ports": [{"port": 5432, "protocol": "TCP"}]}],
            },
        },
        "Namespace": {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": _metadata("velero", None),
        },
    }


def _custom() -> dict[str, Manifest]:
    return {
        "Schedule": {
            "apiVersion": "velero.io/v1",
            "kind": "Schedule",
            "metadata": _metadata("shop-hourly", "velero"),
            "spec": {
                "schedule": "15 * * * *",
                "template": {
                    "metadata": {"labels": {"bpc-policy": "shop"}},
                    "includedNamespaces": ["shop"],
                    "ttl": "720h0m0s",
                    "storageLocation": "primary",
                    "snapshotVolumes": True,
                    "csiSnapshotTimeout": "10m0s",
                    "hooks": {
                        "resources": [
                            {
                                "name": "freeze",
                                "includedNamespaces": ["shop"],
                                "labelSelector": {"matchLabels": {"app": "orders"}},
                                "pre": [
                                    {
                                        "exec": {
                                            "container": "db",
                                            "command": ["/scripts/freeze.sh"],
                                            "onError": "Fail",
                                            "timeout": "60s",
                                        }
                                    }
                                ],
                            }
                        ]
                    },
                },
            },
        },
        "Restore": {
            "apiVersion": "velero.io/v1",
            "kind": "Restore",
            "metadata": _metadata("shop-beside", "velero"),
            "spec": {
                "backupName": "shop-hourly-20250101000000",
                "namespaceMapping": {"shop": "shop-restored"},
                "existingResourcePolicy": "none",
            },
        },
        "BackupStorageLocation": {
            "apiVersion": "velero.io/v1",
            "kind": "BackupStorageLocation",
            "metadata": _metadata("primary", "velero"),
            "spec": {
                "provider": "aws",
                "objectStorage": {"bucket": "acme", "prefix": "prod"},
                "config": {"region": "eu-west-1", "s3ForcePathStyle": "true"},
                "credential": {"name": "backup", "key": "cloud"},
                "default": True,
                "accessMode": "ReadWrite",
                "validationFrequency": "1m0s",
            },
        },
        "VolumeSnapshotLocation": {
            "apiVersion": "velero.io/v1",
            "kind": "VolumeSnapshotLocation",
            "metadata": _metadata("primary", "velero"),
            "spec": {"provider": "aws", "config": {"region": "eu-west-1"}},
        },
        "VolumeSnapshotClass": {
            "apiVersion": "snapshot.storage.k8s.io/v1",
            "kind": "VolumeSnapshotClass",
            "metadata": _metadata("ebs", None),
            "driver": "ebs.csi.aws.com",
            "deletionPolicy": "Retain",
            "parameters": {"lockMode": "governance"},
        },
        "VolumeSnapshot": {
            "apiVersion": "snapshot.storage.k8s.io/v1",
            "kind": "VolumeSnapshot",
            "metadata": _metadata("media"),
            "spec": {
                "volumeSnapshotClassName": "ebs",
                "source": {"persistentVolumeClaimName": "media"},
            },
        },
        "Application": {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": _metadata("velero", "argocd"),
            "spec": {
                "project": "backup",
                "source": {
                    "repoURL": "https://git.example/backup",
                    "path": "output/prod/20-storage",
                    "targetRevision": "main",
                },
                "destination": {"server": "https://kubernetes.default.svc", "namespace": "velero"},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        },
        "HelmRelease": {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": _metadata("velero", "velero"),
            "spec": {
                "interval": "1h",
                "releaseName": "velero",
                "chartRef": {"kind": "OCIRepository", "name": "velero"},
                "install": {"crds": "CreateReplace"},
                "values": {"snapshotsEnabled": False},
            },
        },
    }


@pytest.fixture
def sample() -> Callable[[str], Manifest]:
    """Give a fresh valid object by its kind."""
    samples = _core() | _custom()
    return lambda kind: copy.deepcopy(samples[kind])


@pytest.fixture
def edited(sample: Callable[[str], Manifest]) -> Callable[..., Manifest]:
    """Give a valid object with the values at some paths replaced; `...` removes one."""

    def edit(kind: str, changes: dict[str, Any]) -> Manifest:
        manifest = sample(kind)
        for path, value in changes.items():
            *way, last = (int(step) if step.isdecimal() else step for step in path.split("|"))
            node: Any = manifest
            for step in way:
                node = node[step]
            if value is ...:
                del node[last]
            else:
                node[last] = value
        return manifest

    return edit


@pytest.fixture
def core_samples() -> list[Manifest]:
    return list(_core().values())


@pytest.fixture
def samples() -> list[Manifest]:
    return list((_core() | _custom()).values())


@pytest.fixture(scope="session")
def target() -> Target:
    return Target("1.31", velero="1.17", snapshotter="8.2", flux="2.6", argocd="3.1")


@pytest.fixture
def check(target: Target) -> Callable[..., list[str]]:
    """Check an object and give the faults as text."""
    checker = Validator(target)

    def run(manifest: Manifest, privileges: frozenset[str] = frozenset()) -> list[str]:
        faults: list[Fault] = checker.check(manifest, privileges)
        return [str(fault) for fault in faults]

    return run


@pytest.fixture(scope="session")
def published() -> Callable[[str], bool]:
    """Tell whether a release has a custom resource, by its path below ../shared/schemas."""
    if not (SHARED / "schemas").is_dir():
        pytest.skip("needs ../shared/schemas: the published schemas")
    return lambda name: (SHARED / "schemas" / name).is_file()


@pytest.fixture(scope="session")
def real_schema() -> Callable[[str], Manifest]:
    """Load the published schema of a custom resource, by its path below ../shared/schemas."""

    def load(name: str) -> Manifest:
        file = SHARED / "schemas" / name
        if not file.is_file():
            pytest.skip(f"needs ../shared/schemas/{name}: the published schema")
        schema: Manifest = json.loads(file.read_bytes())["openAPIV3Schema"]
        return schema

    return load
