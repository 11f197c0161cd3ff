"""Writes the objects that one owner asked for at one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpc.diagnostics import Where
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan
from bpc.render import Renderer, dump_one, header
from bpc.render.values import Data

_CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the objects of one owner: a policy, or the cluster.

    `folder` holds the templates, by the lower-case name of the kind; those of kinds in `shared` are in
    `_shared`.
    """

    render: Renderer
    owner: str
    where: Where
    source: str
    file: str
    folder: str = names.SHARED
    shared: frozenset[str] = frozenset()

    def write(
        self,
        kind: str,
        path: str,
        context: Mapping[str, object],
        *,
        annotations: Mapping[str, str] | None = None,
        applied: bool = True,
        privileges: frozenset[str] = frozenset(),
    ) -> Artifact:
        """Return the file of an object from the template of its kind."""
        folder = names.SHARED if kind in self.shared else self.folder
        template = f"{folder}/{kind.lower()}.yaml.j2"
        every = {names.SOURCE: self.source, **(annotations or {})}
        manifest = self.render.manifest(template, **context, annotations=every)
        text = header(self.file) + manifest.text
        return Artifact(
            path, text, template, self.where, self.owner, manifest.data, applied, privileges
        )

    def list(self, directory: str, files: list[str]) -> Artifact:
        """Return the kustomization of a directory that only a person applies."""
        data: dict[str, Data] = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [*sorted(files)],
        }
        return Artifact(
            path=f"{directory}/kustomization.yaml",
            content=header(self.file) + dump_one(data),
            template=self.folder,
            where=self.where,
            owner=self.owner,
            data=data,
            applied=False,
        )


def cluster_writer(
    plan: ClusterPlan,
    render: Renderer,
    folder: str = names.SHARED,
    shared: frozenset[str] = frozenset(),
) -> Writer:
    """Return the writer of what exists once for a cluster."""
    source = f"{plan.where.path}#{plan.name}"
    return Writer(render, _CLUSTER, plan.where, source, plan.where.path, folder, shared)


def dataset_writer(
    dataset: DatasetPlan,
    render: Renderer,
    folder: str = names.SHARED,
    shared: frozenset[str] = frozenset(),
) -> Writer:
    """Return the writer of what belongs to a dataset."""
    file = dataset.where.path
    source = f"{file}#{dataset.subject}"
    return Writer(render, dataset.policy, dataset.where, source, file, folder, shared)
