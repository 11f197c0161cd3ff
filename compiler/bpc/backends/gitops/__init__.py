"""GitOps: the lists of files that are applied, and what makes Flux or Argo CD apply them in order.

A list holds `resources:` and nothing else. Names and namespaces are final already: the transformers of
kustomize would put a namespace on cluster-scoped kinds and rename only one end of a reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpc.backends.gitops import argocd, flux
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.plan.velero_server import series
from bpc.render import Renderer, dump_one, header
from bpc.render.values import Data

NAME = "gitops"
DATASETS: tuple[str, ...] = ()

_PLACE = "workstation"


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the release of Velero, where an engine installs it."""
    if plan.spec.gitops.engine == "flux" and series(plan) is not None and plan.uses.velero:
        yield from flux.operator(plan, render)


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: the lists are written once all files are known."""
    yield from ()


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that keep the engine from undoing a restore."""
    engine = plan.spec.gitops.engine
    if scenario != "operator-error" or engine == "plain":
        return ()
    return (_freeze(plan),)


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that let the engine work again."""
    engine = plan.spec.gitops.engine
    if scenario != "operator-error" or engine == "plain":
        return ()
    return (_thaw(plan),)


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: an engine is stopped once, for all datasets."""
    return ()


def kustomization(plan: ClusterPlan, directory: str, files: Iterable[str]) -> Artifact:
    """Return the list of one directory; `files` are relative to it."""
    data: dict[str, Data] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [*sorted(files)],
    }
    return Artifact(
        path=f"{directory}/kustomization.yaml",
        text=header(plan.where.path) + dump_one(data),
        template=NAME,
        where=plan.where,
        owner="cluster",
        data=data,
        applied=False,
    )


def delivery(plan: ClusterPlan, directories: Sequence[str], render: Renderer) -> Iterator[Artifact]:
    """Yield what makes the cluster's engine apply the directories, one after the other."""
    if plan.spec.gitops.engine == "flux":
        yield from flux.delivery(plan, directories, render)
    elif plan.spec.gitops.engine == "argocd":
        yield from argocd.delivery(plan, directories, render)


def _freeze(plan: ClusterPlan) -> Step:
    return Step(
        purpose="Keep the GitOps engine from undoing what you restore",
        place=_PLACE,
        command=_switch(plan, still=True),
        expected="one line for each object, `patched` or `no change`",
        otherwise="the engine is not installed where the policy says; find it with "
        "`kubectl get pods --all-namespaces`, and stop it there",
        minutes=5,
        undo=_switch(plan, still=False),
    )


def _thaw(plan: ClusterPlan) -> Step:
    return Step(
        purpose="Let the GitOps engine work again, once what it applies agrees with what you restored",
        place=_PLACE,
        command=_switch(plan, still=False),
        expected="one line for each object, `patched` or `no change`",
        otherwise="see the step that stopped it",
        minutes=5,
    )


def _switch(plan: ClusterPlan, *, still: bool) -> str:
    source = plan.spec.gitops.source
    namespace = source.namespace if source is not None else "flux-system"
    if plan.spec.gitops.engine == "flux":
        patch = f'{{"spec":{{"suspend":{str(still).lower()}}}}}'
        kinds = "kustomizations.kustomize.toolkit.fluxcd.io"
    else:
        automated = "null" if still else '{"prune":true}'
        patch = f'{{"spec":{{"syncPolicy":{{"automated":{automated}}}}}}}'
        kinds = "applications.argoproj.io"
    parts = [part for part in names.APPLIED if part != names.OPERATOR or plan.uses.velero]
    objects = [f"  {names.gitops_object(plan.name, part)}" for part in parts]
    lines = [
        f"kubectl --namespace {namespace} patch {kinds}",
        *objects,
        f"  --type merge --patch '{patch}'",
    ]
    return " \\\n".join(lines)
