"""The kustomization.yaml of an applied directory: a sorted list of files, and nothing else.

Every transformer of kustomize corrupts some kind that a backup needs, so no other field is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.validate.fault import Fault, Manifest
from bpc.validate.resource import Resource, Target
from bpc.validate.shapes import text

GROUP = "kustomize.config.k8s.io"


def _order(manifest: Manifest) -> Iterator[Fault]:
    names = list(manifest["resources"])
    if names != sorted(set(names)):
        yield Fault(("resources",), "must be sorted and name each file once")


_KUSTOMIZATION = Resource({"resources!": [text("relative-path")]}, rules=(_order,), namespaced=None)


def resource(api_version: str, kind: str, target: Target) -> Resource:  # noqa: ARG001 as the others
    """Return the model of a kustomization.yaml; ValueError for anything else of its group."""
    if (api_version, kind) != (f"{GROUP}/v1beta1", "Kustomization"):
        raise ValueError(f"no model for kind `{kind}` of `{api_version}`")
    return _KUSTOMIZATION
