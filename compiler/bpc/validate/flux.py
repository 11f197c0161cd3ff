"""The custom resources of Flux that a generated tree holds, Flux 2.0 to 2.9.

Fields that bpc never sets are not in the tables, so that they stay unset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.validate.fault import Fault, Manifest
from bpc.validate.resource import Resource, Served, Target, installed
from bpc.validate.shapes import (
    COUNT,
    FLAG,
    LABELS,
    NON_EMPTY,
    OPEN,
    TEXT,
    TEXT_MAP,
    Leaf,
    Shape,
    one_of,
    text,
)

KUSTOMIZE, HELM, SOURCE = (
    "kustomize.toolkit.fluxcd.io",
    "helm.toolkit.fluxcd.io",
    "source.toolkit.fluxcd.io",
)

_INTERVAL = text("flux-interval")
_TIMEOUT = text("flux-timeout")
_OBJECT = text("dns-subdomain")
_NAMESPACE = text("dns-label")
_NAMED: Shape = {"name!": _OBJECT}
_DEPENDENCIES: Shape = [{"name!": _OBJECT, "namespace": _NAMESPACE}]
_COMMON_METADATA: Shape = {"labels": LABELS, "annotations": TEXT_MAP}
_PROVIDER = one_of("generic", "aws", "azure", "gcp")
_HEALTH_EXPRESSION: Shape = {
    "apiVersion!": NON_EMPTY,
    "kind!": NON_EMPTY,
    "current!": NON_EMPTY,
    "failed": NON_EMPTY,
    "inProgress": NON_EMPTY,
}
_KUSTOMIZATION: Shape = {
    "interval!": _INTERVAL,
    "retryInterval": _INTERVAL,
    "timeout": _INTERVAL,
    "path": TEXT,
    "prune!": FLAG,
    "wait": FLAG,
    "force": FLAG,
    "suspend": FLAG,
    "deletionPolicy": one_of("MirrorPrune", "Delete", "WaitForTermination", "Orphan"),
    "sourceRef!": {
        "kind!": one_of("OCIRepository", "GitRepository", "Bucket"),
        "name!": _OBJECT,
        "namespace": _NAMESPACE,
    },
    "dependsOn": _DEPENDENCIES,
    "healthChecks": [
        {
            "apiVersion": NON_EMPTY,
            "kind!": NON_EMPTY,
            "name!": _OBJECT,
            "namespace": _NAMESPACE,
        }
    ],
    "healthCheckExprs": [_HEALTH_EXPRESSION],
    "commonMetadata": _COMMON_METADATA,
    "decryption": {"provider!": one_of("sops"), "secretRef": _NAMED},
    "serviceAccountName": _OBJECT,
}
_CRDS = one_of("Skip", "Create", "CreateReplace")
_REMEDIATION: Mapping[str, Shape] = {"retries": COUNT, "remediateLastFailure": FLAG}
_HELM_RELEASE: Shape = {
    "interval!": _INTERVAL,
    "timeout": _INTERVAL,
    "suspend": FLAG,
    "releaseName": Leaf({"type": "string", "format": "dns-label", "maxLength": 53}),
    "targetNamespace": _NAMESPACE,
    "storageNamespace": _NAMESPACE,
    "serviceAccountName": _OBJECT,
    "maxHistory": COUNT,
    "dependsOn": _DEPENDENCIES,
    "chart": {
        "spec!": {
            "chart!": NON_EMPTY,
            "version": TEXT,
            "interval": _INTERVAL,
            "sourceRef!": {
                "kind!": one_of("HelmRepository", "GitRepository", "Bucket"),
                "name!": _OBJECT,
                "namespace": _NAMESPACE,
            },
        }
    },
    "chartRef": {
        "kind!": one_of("OCIRepository", "HelmChart"),
        "name!": _OBJECT,
        "namespace": _NAMESPACE,
    },
    "driftDetection": {"mode": one_of("enabled", "warn", "disabled")},
    "install": {
        "crds": _CRDS,
        "createNamespace": FLAG,
        "timeout": _INTERVAL,
        "remediation": _REMEDIATION,
    },
    "upgrade": {
        "crds": _CRDS,
        "cleanupOnFail": FLAG,
        "timeout": _INTERVAL,
        "remediation": {**_REMEDIATION, "strategy": one_of("rollback", "uninstall")},
    },
    "values": OPEN,
    "valuesFrom": [
        {
            "kind!": one_of("Secret", "ConfigMap"),
            "name!": _OBJECT,
            "valuesKey": text("data-key"),
            "optional": FLAG,
        }
    ],
}
_HELM_REPOSITORY: Shape = {
    "interval!": _INTERVAL,
    "url!": text("helm-url"),
    "type": one_of("default", "oci"),
    "provider": _PROVIDER,
    "timeout": _TIMEOUT,
    "suspend": FLAG,
    "secretRef": _NAMED,
}
_OCI_REPOSITORY: Shape = {
    "interval!": _INTERVAL,
    "url!": text("oci-url"),
    "ref": {"digest": NON_EMPTY, "semver": NON_EMPTY, "tag": NON_EMPTY},
    "layerSelector": {"mediaType": NON_EMPTY, "operation": one_of("extract", "copy")},
    "provider": _PROVIDER,
    "timeout": _TIMEOUT,
    "suspend": FLAG,
    "insecure": FLAG,
    "secretRef": _NAMED,
    "certSecretRef": _NAMED,
    "serviceAccountName": _OBJECT,
}
_GIT_REPOSITORY: Shape = {
    "interval!": _INTERVAL,
    "url!": text("git-url"),
    "ref": {
        "branch": NON_EMPTY,
        "tag": NON_EMPTY,
        "semver": NON_EMPTY,
        "name": NON_EMPTY,
        "commit": NON_EMPTY,
    },
    "timeout": _TIMEOUT,
    "suspend": FLAG,
    "secretRef": _NAMED,
    "ignore": TEXT,
}


def _one_chart(manifest: Manifest) -> Iterator[Fault]:
    if ("chart" in manifest["spec"]) == ("chartRef" in manifest["spec"]):
        yield Fault(("spec",), "needs exactly one of `chart` and `chartRef`")


_KINDS: Mapping[tuple[str, str], Served] = {
    (f"{KUSTOMIZE}/v1", "Kustomization"): Served(
        _KUSTOMIZATION,
        "2.0",
        late={"spec.deletionPolicy": "2.5", "spec.healthCheckExprs": "2.5"},
    ),
    (f"{HELM}/v2", "HelmRelease"): Served(_HELM_RELEASE, "2.3", rules=(_one_chart,)),
    (f"{SOURCE}/v1", "GitRepository"): Served(_GIT_REPOSITORY, "2.0"),
    (f"{SOURCE}/v1", "HelmRepository"): Served(_HELM_REPOSITORY, "2.3"),
    (f"{SOURCE}/v1", "OCIRepository"): Served(_OCI_REPOSITORY, "2.6"),
    (f"{SOURCE}/v1beta2", "HelmRepository"): Served(_HELM_REPOSITORY, "2.0", "2.8"),
    (f"{SOURCE}/v1beta2", "OCIRepository"): Served(_OCI_REPOSITORY, "2.0", "2.8"),
}


def resource(api_version: str, kind: str, target: Target) -> Resource:
    """Return the model of a kind; ValueError where the cluster's release of Flux serves none."""
    release = installed(target.flux, "Flux")
    if (api_version, kind) not in _KINDS:
        raise ValueError(f"no model for kind `{kind}` of `{api_version}`")
    model = _KINDS[api_version, kind].at(release)
    if model is None:
        raise ValueError(f"Flux {release.series} does not serve kind `{kind}` of `{api_version}`")
    return model
