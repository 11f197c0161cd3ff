"""API objects, exported kind by kind by a job that may read nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bpc.jobs import Grant, JobBackend, Workload
from bpc.jobs.objects import restore_name
from bpc.jobs.steps import PLACE
from bpc.model.datasets.resources import Resources
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.plan.kinds import AUTHORIZATION, DEFINITIONS, in_order
from bpc.plan.steps import Step

_READING = ("get", "list")
_WRITING = ("get", "list", "create", "update")
_NAMESPACE = "namespaces"
_SECRETS = "secrets"


def _workload(plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
    spec = dataset.spec
    if not isinstance(spec, Resources):
        return None
    scopes = dict.fromkeys(_namespaced(spec), "namespaced")
    scopes |= dict.fromkeys(spec.cluster_kinds, "cluster")
    return Workload(
        component="resources",
        method="export",
        script="resources/scripts/export.sh",
        namespace=spec.namespace,
        image=image(plan.cluster.spec, "kubectl"),
        environment={
            "KINDS": "\n".join(f"{scopes[kind]} {kind}" for kind in in_order(scopes)),
            "NAMESPACES": "\n".join(sorted({*spec.namespaces})),
        },
        restore_environment={
            "OWN": "\n".join((names.wanted(plan.name, dataset.name), _binding(dataset)))
        },
        grants=_grants(spec, _READING),
        restore_grants=_grants(spec, _WRITING),
        scratch=f"{_scratch(dataset)}Gi",
    )


def _namespaced(spec: Resources) -> tuple[str, ...]:
    return (*spec.kinds, *((_SECRETS,) if spec.secrets == "encrypt" else ()))


def _scratch(dataset: DatasetPlan) -> int:
    """Return how much room, in GiB, the job needs for one kind at a time and the engine's cache."""
    return 1 + -(-(dataset.spec.size or 0) * 2 // 2**30)


def _grants(spec: Resources, verbs: tuple[str, ...]) -> tuple[Grant, ...]:
    """Return a Role in each namespace, and a ClusterRole for what belongs to none."""
    inside = _namespaced(spec)
    wide = spec.cluster_kinds if spec.namespaces else (*inside, *spec.cluster_kinds)
    grants = []
    if spec.namespaces and inside:
        # A job that is to export a namespace has to know that it exists; this shows it no other.
        rules = (*_rules(inside, verbs), _rule(_NAMESPACE, ("get",)))
        grants = [Grant(rules, namespace) for namespace in sorted({*spec.namespaces})]
    if wide:
        grants.append(Grant((*_rules(wide, verbs), *_more(wide, verbs))))
    return tuple(grants)


def _more(kinds: Iterable[str], verbs: tuple[str, ...]) -> tuple[Mapping[str, object], ...]:
    """Return what a restore needs to wait until custom kinds are served."""
    waits = verbs == _WRITING and DEFINITIONS in kinds
    return (_rule(DEFINITIONS, ("watch",)),) if waits else ()


def _rules(kinds: Iterable[str], verbs: tuple[str, ...]) -> list[Mapping[str, object]]:
    return [_rule(kind, verbs) for kind in in_order(kinds)]


def _rule(kind: str, verbs: tuple[str, ...]) -> Mapping[str, object]:
    plural, _, group = kind.partition(".")
    return {"apiGroups": [group], "resources": [plural], "verbs": [*verbs]}


def _before(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    spec = dataset.spec
    if not isinstance(spec, Resources):
        return ()
    there = () if scenario != "cluster-loss" else (_namespaces(spec, dataset),)
    return (*there, *((_allow(spec, dataset),) if _authorizes(spec) else ()))


def _after(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    spec = dataset.spec
    if not isinstance(spec, Resources) or not _authorizes(spec):
        return ()
    return (
        Step(
            purpose=f"Take the permissions of the restore job for `{dataset.subject}` back",
            place=PLACE,
            command=script(
                assigned("BINDING", _binding(dataset)),
                'kubectl delete clusterrolebinding "$BINDING"',
            ),
            expected="`deleted`",
            otherwise="find it with `kubectl get clusterrolebindings`; it must not stay",
            minutes=1,
        ),
    )


def _authorizes(spec: Resources) -> bool:
    return not AUTHORIZATION.isdisjoint((*spec.kinds, *spec.cluster_kinds))


def _binding(dataset: DatasetPlan) -> str:
    return names.dataset_object(dataset.policy, dataset.name, "restore-administrator")


def _namespaces(spec: Resources, dataset: DatasetPlan) -> Step:
    wanted = sorted({spec.namespace, *spec.namespaces})
    return Step(
        purpose=f"See that the namespaces of `{dataset.subject}` are there",
        place=PLACE,
        command=wrapped("kubectl get namespaces", *wanted),
        expected="one line for each, `Active`",
        otherwise="make each missing one with `kubectl create namespace NAME`",
        minutes=2,
    )


def _allow(spec: Resources, dataset: DatasetPlan) -> Step:
    return Step(
        purpose=f"Let the restore job of `{dataset.subject}` write roles and bindings",
        place=PLACE,
        command=script(
            assigned("BINDING", _binding(dataset)),
            assigned("ACCOUNT", f"{spec.namespace}:{restore_name(dataset)}"),
            wrapped(
                'kubectl create clusterrolebinding "$BINDING"',
                "--clusterrole cluster-admin",
                '--serviceaccount "$ACCOUNT"',
            ),
        ),
        expected="`created`",
        otherwise="Kubernetes lets only those write a role who hold all that it grants: ask somebody who "
        "administers the cluster",
        minutes=2,
        undo='kubectl delete clusterrolebinding "$BINDING"',
    )


BACKEND = JobBackend("resources", ("resources",), _workload, _before, _after)
