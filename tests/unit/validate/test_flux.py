from __future__ import annotations

from typing import Any

import pytest

from bpc.validate import Target, Validator

KUSTOMIZATION = {
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
    "kind": "Kustomization",
    "metadata": {"name": "prod-storage", "namespace": "flux-system"},
    "spec": {
        "interval": "1h",
        "path": "./output/prod/20-storage",
        "prune": True,
        "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        "dependsOn": [{"name": "prod-operator"}],
    },
}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("interval", "1d", "`1d` is not a duration in `h`, `m`, `s` and `ms`"),
        ("prune", "true", "`true` is not of type `boolean`"),
        ("postBuild", {"substitute": {"A": "b"}}, "unknown field `postBuild`"),
        ("targetNamespace", "shop", "unknown field `targetNamespace`"),
        ("sourceRef", {"kind": "HelmRepository", "name": "x"}, "`HelmRepository` is not"),
        ("deletionPolicy", "Keep", "`Keep` is not"),
        ("dependsOn", ["prod-operator"], "is not of type `object`"),
    ],
)
def test_what_flux_refuses_or_would_corrupt_is_a_fault(
    field: str, value: Any, fault: str, check: Any
) -> None:
    assert check(KUSTOMIZATION) == []
    faults = check(KUSTOMIZATION | {"spec": {**KUSTOMIZATION["spec"], field: value}})
    assert len(faults) == 1
    assert fault in faults[0]


def test_health_expressions_need_the_release_that_evaluates_them() -> None:
    health = {
        "apiVersion": "velero.io/v1",
        "kind": "Schedule",
        "current": "status.phase == 'Enabled'",
    }
    manifest = KUSTOMIZATION | {"spec": {**KUSTOMIZATION["spec"], "healthCheckExprs": [health]}}
    assert Validator(Target("1.31", flux="2.5")).check(manifest) == []
    faults = Validator(Target("1.31", flux="2.4")).check(manifest)
    assert [fault.message for fault in faults] == ["unknown field `healthCheckExprs`"]


def test_a_helm_release_names_its_chart_in_one_way(edited: Any, check: Any) -> None:
    assert check(edited("HelmRelease", {})) == []
    assert check(edited("HelmRelease", {"spec|chartRef": ...})) == [
        "spec: needs exactly one of `chart` and `chartRef`"
    ]


def test_the_name_of_a_helm_release_fits_what_helm_stores(edited: Any, check: Any) -> None:
    assert check(edited("HelmRelease", {"spec|releaseName": "x" * 53})) == []
    assert check(edited("HelmRelease", {"spec|releaseName": "x" * 54})) != []


@pytest.mark.parametrize(
    ("version", "flux", "served"),
    [
        ("v1beta2", "2.0", True),
        ("v1beta2", "2.8", False),
        ("v1", "2.5", False),
        ("v1", "2.6", True),
    ],
)
def test_an_oci_repository_is_in_the_version_that_the_release_serves(
    version: str, flux: str, served: bool
) -> None:
    manifest = {
        "apiVersion": f"source.toolkit.fluxcd.io/{version}",
        "kind": "OCIRepository",
        "metadata": {"name": "velero", "namespace": "velero"},
        "spec": {
            "interval": "1h",
            "url": "oci://registry.example/charts/velero",
            "ref": {"tag": "11.4.0"},
            "layerSelector": {
                "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "operation": "copy",
            },
        },
    }
    faults = Validator(Target("1.31", flux=flux)).check(manifest)
    assert (faults == []) == served
    assert served or "does not serve" in faults[0].message


def test_a_cluster_without_flux_takes_none_of_its_objects() -> None:
    faults = Validator(Target("1.31")).check(KUSTOMIZATION)
    assert [str(fault) for fault in faults] == ["apiVersion: the cluster names no release of Flux"]


def test_a_kind_of_flux_that_is_never_emitted_has_no_model(check: Any) -> None:
    faults = check(KUSTOMIZATION | {"apiVersion": "kustomize.toolkit.fluxcd.io/v1beta2"})
    assert "no model for kind `Kustomization`" in faults[0]
