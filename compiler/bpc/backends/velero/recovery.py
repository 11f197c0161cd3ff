"""After the loss of a cluster: Velero on a new one reads what the lost one wrote."""

from __future__ import annotations

from bpc.backends.velero.phases import WORKSTATION, choose_point, listing, start, verify, wait
from bpc.backends.velero.restores import plain_namespaces, restorable
from bpc.model.releases import FEATURES
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import ClusterPlan, DatasetPlan, LocationPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.plan.velero_server import chart_version, installed, provider

_LOCATIONS = "backupstoragelocations.velero.io"
_REPOSITORY = "https://vmware-tanzu.github.io/helm-charts"


def prepare_cluster(plan: ClusterPlan) -> tuple[Step, ...]:
    """Return the steps before the first restore on a new cluster, whose Kubernetes is no older."""
    return (_secrets(plan), _install(plan), _connect(plan), _see_backups(plan))


def after_cluster_loss(plan: PolicyPlan, dataset: DatasetPlan) -> tuple[Step, ...]:
    """Return the steps for one dataset; none if Velero has no points of it."""
    if restorable(dataset) is None:
        return ()
    path = names.restore_path(plan.name, "cluster-loss", dataset.name)
    return (
        _no_claims(dataset),
        choose_point(plan, dataset),
        start(
            plan,
            dataset,
            f"Restore `{dataset.subject}` under its own names",
            [assigned("MANIFEST", path)],
            _delete(dataset),
        ),
        wait(plan, dataset),
        verify(plan, dataset),
    )


def _locations(plan: ClusterPlan) -> list[LocationPlan]:
    return [location for location in plan.locations if provider(location) is not None]


def _secrets(plan: ClusterPlan) -> Step:
    namespace = plan.velero_namespace
    wanted = {
        location.spec.credentials.secret
        for location in _locations(plan)
        if location.spec.credentials is not None
    }
    password = plan.spec.velero.repository_secret
    if password is not None:
        wanted.add(names.REPOSITORY_SECRET)
    lines = [f"kubectl apply --kustomize {names.PREREQUISITES}"]
    if wanted:
        lines.append(wrapped(f"kubectl --namespace {namespace}", "get secrets", *sorted(wanted)))
    kept = f" (the password of the repositories is `{password}`)" if password is not None else ""
    return Step(
        purpose="Make Velero's namespace, and put its Secrets there before Velero starts",
        place=WORKSTATION,
        command=script(*lines),
        expected="the namespace is `created`"
        + (", and one line for each Secret" if wanted else "; the locations need no Secret"),
        otherwise=f"create each Secret that is `not found` from where your keys are kept{kept}: with "
        "another password than the lost cluster's, Velero cannot open what it wrote",
        minutes=15,
        undo=f"kubectl delete namespace {namespace}",
    )


def _install(plan: ClusterPlan) -> Step:
    namespace = plan.velero_namespace
    return Step(
        purpose="Install Velero so that it only restores: it neither backs up nor deletes expired points",
        place=WORKSTATION,
        command=_helm(plan, "--set configuration.restoreOnlyMode=true"),
        expected="`STATUS: deployed`",
        otherwise=f"`kubectl --namespace {namespace} get pods,events` shows what the server waits for",
        minutes=15,
        undo=f"helm --namespace {namespace} uninstall velero",
    )


def _helm(plan: ClusterPlan, *more: str) -> str:
    return wrapped(
        *("helm upgrade --install velero velero", f"--version {chart_version(plan)}"),
        *(f"--repo {_REPOSITORY}", f"--namespace {plan.velero_namespace}"),
        *("--values helm/velero-values.yaml", *more, "--wait"),
    )


def _connect(plan: ClusterPlan) -> Step:
    namespace = plan.velero_namespace
    lines = [f"kubectl apply --kustomize {names.STORAGE}"]
    purpose = "Connect the locations, read-only: the lost cluster may still write to them"
    undo = ""
    release = installed(plan)
    defect = plan.uses.node_agent and FEATURES["read-only-restore-defect"].available(release)
    if defect:
        purpose = (
            f"Connect the locations, writable: Velero {release} restores no volumes through a "
            "read-only one (its issue 9626, fixed in 1.18.1)"
        )
    else:
        lines += [_access(namespace, location, "ReadOnly") for location in _locations(plan)]
        undo = script(
            *(
                _access(namespace, location, "ReadWrite")
                for location in _locations(plan)
                if not location.read_only
            )
        )
    return Step(
        purpose=purpose,
        place=WORKSTATION,
        command=script(*lines),
        expected="each location is `created`" + ("" if defect else ", then `patched`"),
        otherwise="`no matches for kind` means that Velero's definitions are missing: repeat the "
        "installation; leave 30-schedules alone until the lost cluster is surely stopped",
        minutes=5,
        undo=undo or f"kubectl delete --kustomize {names.STORAGE}",
    )


def _access(namespace: str, location: LocationPlan, mode: str) -> str:
    return wrapped(
        *(f"kubectl --namespace {namespace}", f"patch {_LOCATIONS} {location.name}"),
        *("--type merge", f'--patch \'{{"spec":{{"accessMode":"{mode}"}}}}\''),
    )


def _see_backups(plan: ClusterPlan) -> Step:
    namespace = plan.velero_namespace
    found = _locations(plan)
    where = ", ".join(f"`{getattr(each.spec, 'bucket', '')}/{each.prefix}`" for each in found)
    return Step(
        purpose="Wait until Velero sees the points of the lost cluster",
        place=WORKSTATION,
        command=script(
            wrapped(
                *(f"kubectl --namespace {namespace}", f"wait {_LOCATIONS}"),
                *(each.name for each in found),
                *("--for=jsonpath='{.status.phase}'=Available", "--timeout=10m"),
            ),
            "sleep 120",
            listing(namespace),
        ),
        expected="`condition met` for each location, then the Backups that the lost cluster made",
        otherwise=f"compare bucket and folder with {where}, and read "
        f"`kubectl --namespace {namespace} logs deployment/velero`: a location in "
        "`Unavailable` says there why it cannot be read",
        minutes=15,
    )


def _no_claims(dataset: DatasetPlan) -> Step:
    found = plain_namespaces(dataset)
    lines = [wrapped(f"kubectl --namespace {name}", "get persistentvolumeclaims") for name in found]
    if len(found) < len(dataset.namespaces):
        lines = ["kubectl get persistentvolumeclaims --all-namespaces"]
    return Step(
        purpose=f"Make sure that nothing has re-created the claims of `{dataset.subject}`",
        place=WORKSTATION,
        command=script(*lines),
        expected="`No resources found`: Velero leaves a claim that exists as it is, and no data returns",
        otherwise="suspend what re-created them (Flux, Argo CD), then delete there the StatefulSets and "
        "Deployments first and the claims after them",
        minutes=5,
    )


def hand_over(plan: ClusterPlan) -> tuple[Step, ...]:
    """Return the step that makes Velero protect the new cluster; a GitOps engine does it by itself."""
    if plan.spec.gitops.engine != "plain":
        return ()
    return (
        Step(
            purpose="Once every policy is back and the lost cluster is surely stopped: protect the new one",
            place=WORKSTATION,
            command=script(
                _helm(plan),
                f"kubectl apply --kustomize {names.STORAGE}",
                f"kubectl apply --kustomize {names.SCHEDULES}",
            ),
            expected="`STATUS: deployed`; the locations are `configured`, the Schedules `created`",
            otherwise="two clusters that write to one folder delete each other's points: "
            "if in doubt about the lost one, leave this for later",
            minutes=15,
            no_return=True,
        ),
    )


def _delete(dataset: DatasetPlan) -> str:
    found = plain_namespaces(dataset)
    return wrapped("kubectl delete namespace", *found) if found else ""
