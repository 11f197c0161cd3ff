"""GitOps: the lists of files that are applied, and what makes Flux or Argo CD apply them in order.

A list holds `resources:` and nothing else. Names and namespaces are final already: the transformers of
kustomize would put a namespace on cluster-scoped kinds and rename only one end of a reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpc.backends.gitops import argocd, flux
from bpc.backends.gitops.objects import source_of
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
_SWITCHED = (
    "one line for each object, `patched` or `no change`; `not found` only for a directory that this "
    "cluster does not have"
)


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the release of Velero, where an engine installs it."""
    if plan.spec.gitops.engine == "flux" and series(plan) is not None and plan.uses.velero:
        yield from flux.operator(plan, render)


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: the lists are written once all files are known."""
    yield from ()


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return the step that keeps the engine still while somebody restores."""
    if plan.spec.gitops.engine == "plain":
        return ()
    found = {"operator-error": _freeze, "cluster-loss": _hold_back}.get(scenario)
    return (found(plan),) if found else ()


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return the step that lets the engine work again."""
    if plan.spec.gitops.engine == "plain":
        return ()
    found = {"operator-error": _thaw, "cluster-loss": _hand_over}.get(scenario)
    return (found(plan),) if found else ()


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
        content=header(plan.where.path) + dump_one(data),
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
        purpose=f"Keep {_title(plan)} from changing how backups are made while you restore",
        place=_PLACE,
        command=_switch(plan, still=True),
        expected=_SWITCHED,
        otherwise="if they are switched back on after a while, first stop what applies the directory "
        f"`{plan.spec.gitops.engine}`. What deploys the application itself has other names: stop it, too, "
        "if it brought the damage, or would bring it again",
        minutes=5,
        undo=_switch(plan, still=False),
    )


def _thaw(plan: ClusterPlan) -> Step:
    return Step(
        purpose=f"Let {_title(plan)} work again, once what it applies agrees with what you restored",
        place=_PLACE,
        command=_switch(plan, still=False),
        expected=_SWITCHED,
        otherwise="see the step that stopped it",
        minutes=5,
    )


def _hold_back(plan: ClusterPlan) -> Step:
    return Step(
        purpose=f"Keep {_title(plan)} on the new cluster from making and deleting points already",
        place=_PLACE,
        command=_switch(plan, still=True),
        expected="`not found` for each object, or that the server knows no such type: nothing applies them "
        "yet; otherwise one line for each, `patched`, and they wait",
        otherwise="without the right to patch them, stop what applies the directory "
        f"`{plan.spec.gitops.engine}`: two clusters that write to one folder delete each other's points",
        minutes=5,
        undo=_switch(plan, still=False),
    )


def _hand_over(plan: ClusterPlan) -> Step:
    engine = plan.spec.gitops.engine
    source = source_of(plan)
    needed = "source" if engine == "flux" else "project"
    return Step(
        purpose="Once every policy is back and the lost cluster is surely stopped: let "
        f"{_title(plan)} protect the new one",
        place=f"{_PLACE}, in the cluster's directory of this repository",
        command=f"kubectl apply --kustomize {engine}\n{_switch(plan, still=False)}",
        expected=f"one line for each object, `created`, `configured` or `unchanged`; then {_SWITCHED}",
        otherwise=f"`no matches for kind` means that {_title(plan)} is not installed: install it, with its "
        f"{needed} `{source.name}`, and repeat this step; two clusters that write to one folder delete "
        "each other's points: if in doubt about the lost one, leave this for later",
        minutes=15,
        no_return=True,
    )


def _title(plan: ClusterPlan) -> str:
    return {"flux": "Flux", "argocd": "Argo CD"}[plan.spec.gitops.engine]


def _switch(plan: ClusterPlan, *, still: bool) -> str:
    if plan.spec.gitops.engine == "flux":
        patch = f'{{"spec":{{"suspend":{str(still).lower()}}}}}'
        kinds = "kustomizations.kustomize.toolkit.fluxcd.io"
        # Flux takes back what kubectl changes under its own name, at the next apply from above.
        manager = ["  --field-manager flux-client-side-apply"]
    else:
        automated = "null" if still else '{"prune":true}'
        patch = f'{{"spec":{{"syncPolicy":{{"automated":{automated}}}}}}}'
        kinds = "applications.argoproj.io"
        manager = []
    parts = [part for part in names.APPLIED if part != names.OPERATOR or plan.uses.velero]
    objects = [f"  {names.gitops_object(plan.name, part)}" for part in parts]
    lines = [
        f"kubectl --namespace {source_of(plan).namespace} patch {kinds}",
        *objects,
        *manager,
        f"  --type merge --patch '{patch}'",
    ]
    return " \\\n".join(lines)
