"""Argo CD's Application, 2.8 and newer: the fields that a generated tree sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.validate.fault import Fault, Manifest
from bpc.validate.resource import Resource, Served, Target, installed
from bpc.validate.shapes import COUNT, FLAG, LABELS, NON_EMPTY, OPEN, TEXT, TEXT_MAP, Shape, text

GROUP = "argoproj.io"

_SOURCE: Mapping[str, Shape] = {
    "repoURL!": NON_EMPTY,
    "path": text("relative-path"),
    "targetRevision": NON_EMPTY,
    "chart": NON_EMPTY,
    "ref": NON_EMPTY,
    "directory": {"recurse": FLAG, "include": NON_EMPTY, "exclude": NON_EMPTY},
    "helm": {
        "releaseName": text("dns-label"),
        "valueFiles": [NON_EMPTY],
        "valuesObject": OPEN,
        "ignoreMissingValueFiles": FLAG,
        "skipCrds": FLAG,
    },
}
_IGNORED_DIFFERENCE: Shape = {
    "group": TEXT,
    "kind!": NON_EMPTY,
    "name": NON_EMPTY,
    "namespace": text("dns-label"),
    "jsonPointers": [NON_EMPTY],
    "jqPathExpressions": [NON_EMPTY],
    "managedFieldsManagers": [NON_EMPTY],
}
_RETRY: Shape = {
    "limit": COUNT,
    "backoff": {"duration": text("duration"), "factor": COUNT, "maxDuration": text("duration")},
}
_APPLICATION: Shape = {
    "project!": NON_EMPTY,
    "source": _SOURCE,
    "sources": [_SOURCE],
    "destination!": {
        "server": NON_EMPTY,
        "name": NON_EMPTY,
        "namespace": text("dns-label"),
    },
    "syncPolicy": {
        "automated": {"prune": FLAG, "selfHeal": FLAG, "allowEmpty": FLAG, "enabled": FLAG},
        "syncOptions": [NON_EMPTY],
        "retry": _RETRY,
        "managedNamespaceMetadata": {"labels": LABELS, "annotations": TEXT_MAP},
    },
    "ignoreDifferences": [_IGNORED_DIFFERENCE],
    "revisionHistoryLimit": COUNT,
    "info": [{"name!": NON_EMPTY, "value!": TEXT}],
}


def _application_rules(manifest: Manifest) -> Iterator[Fault]:
    spec = manifest["spec"]
    if ("source" in spec) == ("sources" in spec):
        yield Fault(("spec",), "needs exactly one of `source` and `sources`")
    destination = spec["destination"]
    if ("server" in destination) == ("name" in destination):
        yield Fault(("spec", "destination"), "needs exactly one of `server` and `name`")


_SERVED = Served(
    _APPLICATION,
    "2.8",
    late={"spec.syncPolicy.automated.enabled": "3.1"},
    rules=(_application_rules,),
)


def resource(api_version: str, kind: str, target: Target) -> Resource:
    """Return the model of an Application; ValueError for other kinds and for older releases."""
    release = installed(target.argocd, "Argo CD")
    if (api_version, kind) != (f"{GROUP}/v1alpha1", "Application"):
        raise ValueError(f"no model for kind `{kind}` of `{api_version}`")
    model = _SERVED.at(release)
    if model is None:
        raise ValueError(f"no model for Argo CD {release.series}; there are some from 2.8")
    return model
