"""After a mistake: one namespace comes back beside the live one, which goes on untouched."""

from __future__ import annotations

from bpc.backends.velero.phases import WORKSTATION, choose_point, start, verify, wait
from bpc.backends.velero.restores import NOT_BESIDE, plain_namespaces, restorable
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step

_SCENARIO = "operator-error"
_REMOVE = 'kubectl delete namespace "$RESTORED"'


def beside_the_live_one(plan: PolicyPlan, dataset: DatasetPlan) -> tuple[Step, ...]:
    """Return the steps for one namespace of a dataset; none if Velero has no points of it."""
    if restorable(dataset) is None:
        return ()
    return (
        _target(dataset),
        choose_point(plan, dataset),
        _start(plan, dataset),
        wait(plan, dataset),
        verify(plan, dataset),
        _compare(),
    )


def _target(dataset: DatasetPlan) -> Step:
    return Step(
        purpose=f"Choose the namespace of `{dataset.subject}`, and make room beside it",
        place=WORKSTATION,
        command=script(
            *_choice(plain_namespaces(dataset)),
            'test -n "$NAMESPACE" && kubectl get namespace --ignore-not-found "$RESTORED"',
        ),
        expected="nothing more is printed: the namespace for the copy does not exist yet",
        otherwise="a namespace of an earlier restore is still there, and Velero leaves claims that "
        f"exist as they are and returns no data to them: delete it first with `{_REMOVE}`",
        minutes=5,
    )


def _choice(found: tuple[str, ...]) -> list[str]:
    if len(found) == 1:
        return [f"NAMESPACE={found[0]}", f"RESTORED={names.restored_namespace(found[0])}"]
    if not found:
        choice = ["printf 'namespace to bring back: '", "read -r NAMESPACE"]
    else:
        choice = [wrapped("select NAMESPACE in", *found, end="; do break; done")]
    stem = '"$NAMESPACE"'
    if not found or max(map(len, found)) > names.RESTORED_STEM:
        stem = f'"$(printf %.{names.RESTORED_STEM}s "$NAMESPACE")"'
    return [*choice, f"RESTORED={stem}{names.RESTORED}"]


def _start(plan: PolicyPlan, dataset: DatasetPlan) -> Step:
    found = plain_namespaces(dataset)
    path = names.restore_path(plan.name, _SCENARIO, dataset.name, *found[:1])
    manifest = [assigned("MANIFEST", path)]
    if len(found) > 1:
        stem = path.removesuffix(f"{found[0]}.yaml")
        manifest = [assigned("MANIFEST", stem), 'MANIFEST="$MANIFEST$NAMESPACE.yaml"']
    change: list[str] = []
    if not found:
        manifest = [
            assigned("MANIFEST", names.restore_path(plan.name, "cluster-loss", dataset.name))
        ]
        change = _narrowed()
    purpose = "Restore it beside the live one, under another name; its workloads start there, too"
    return start(plan, dataset, purpose, [*manifest, *change], _REMOVE)


def _narrowed() -> list[str]:
    kinds = ",".join(f'"{kind}"' for kind in NOT_BESIDE)
    fields = '"includedNamespaces":["%s"],"namespaceMapping":{"%s":"%s"},'
    return [
        wrapped(f"MORE=$(printf '{fields}'", '"$NAMESPACE"', '"$NAMESPACE"', '"$RESTORED")'),
        f"MORE=$MORE'\"excludedResources\":[{kinds}],'",
    ]


def _compare() -> Step:
    return Step(
        purpose="Look at the copy, and take from it what the live one lacks",
        place=WORKSTATION,
        command='kubectl --namespace "$RESTORED" get pods,persistentvolumeclaims',
        expected="all claims `Bound`, all pods `Running`; the application can be asked for its data",
        otherwise="a claim that stays `Pending` waits for its pod or for its storage class: "
        '`kubectl --namespace "$RESTORED" describe persistentvolumeclaims`',
        minutes=30,
        undo=_REMOVE,
    )
