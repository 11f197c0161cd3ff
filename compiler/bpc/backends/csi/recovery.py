"""The steps that bring volumes back from CSI snapshots."""

from __future__ import annotations

from bpc.backends.csi.objects import class_of, cut, selector_of
from bpc.backends.csi.restore import POINT, point_name, restore_name
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.estate import DatasetPlan
from bpc.plan.steps import Step

_PLACE = "workstation, in the cluster's directory of this repository"
_KIND = "volumesnapshots.snapshot.storage.k8s.io"
_COLUMNS = "TAKEN:.metadata.creationTimestamp,NAME:.metadata.name"
_MORE_COLUMNS = "CLAIM:.spec.source.persistentVolumeClaimName,READY:.status.readyToUse"


def beside_the_live_one(dataset: DatasetPlan) -> tuple[Step, ...]:
    """Return the steps that restore each claim beside the live one; none if nothing is cut here."""
    spec = cut(dataset)
    if spec is None:
        return ()
    if spec.together:
        return (_look(dataset, spec), _by_hand(dataset, spec))
    return (_look(dataset, spec), _start(dataset, spec), _check(dataset, spec))


def after_cluster_loss(dataset: DatasetPlan) -> tuple[Step, ...]:
    """Return the step that takes over what the storage system still has."""
    spec = cut(dataset)
    if spec is None or dataset.storage is None:
        return ()
    return (_take_over(dataset, spec),)


# Names may have 63 characters each: every line holds one of them, so that none is too wide to print.
def _of_policy(dataset: DatasetPlan) -> str:
    return f"WHICH={names.POLICY}={dataset.policy}"


def _of_dataset(dataset: DatasetPlan) -> str:
    return f'--selector "$WHICH,{names.DATASET}={dataset.name}"'


def _look(dataset: DatasetPlan, spec: Volumes) -> Step:
    return Step(
        purpose=f"Choose the point that `{dataset.subject}` goes back to",
        place=_PLACE,
        command=f"{_of_policy(dataset)}\nSHOWN={_COLUMNS}\nSHOWN=$SHOWN,{_MORE_COLUMNS}\n"
        f"kubectl get {_KIND} \\\n"
        f"  --namespace {spec.claims.namespace} \\\n"
        f"  {_of_dataset(dataset)} \\\n"
        '  --sort-by .metadata.creationTimestamp --output "custom-columns=$SHOWN"',
        expected="the snapshots of each claim, oldest first, with `true` under READY",
        otherwise="if there is none, look at the last run: "
        f"`kubectl --namespace {spec.claims.namespace} get jobs,cronjobs`; the storage system may "
        "still have snapshots whose objects are gone",
        minutes=5,
    )


def _start(dataset: DatasetPlan, spec: Volumes) -> Step:
    namespace = spec.claims.namespace
    above, _, own = names.restore_directory(dataset.policy, dataset.name).rpartition("/")
    directory = f'FROM={above}\nkubectl {{}} --kustomize "$FROM/{own}"'
    older = (
        f"kubectl --namespace {namespace} create configmap {point_name(dataset)} \\\n"
        f'  --from-literal "{POINT}=$(date -u -d "$BEFORE" +%s)"'
    )
    return Step(
        purpose="Make a claim beside each live one from its newest snapshot",
        place=_PLACE,
        command=f"{directory.format('apply')}\n"
        f"kubectl wait job/{restore_name(dataset)} \\\n"
        f"  --namespace {namespace} \\\n"
        "  --for condition=Complete --timeout 15m\n"
        f"kubectl logs job/{restore_name(dataset)} \\\n"
        f"  --namespace {namespace}",
        expected="`condition met`, then one line for each claim: `is made from snapshot`",
        otherwise="the log says why: a claim of an earlier restore is in the way, or no snapshot is ready. "
        f"For an older point set BEFORE, such as `2026-11-24T02:00Z`, run `{_inline(older)}`, delete the "
        "job and apply again",
        minutes=20,
        undo=directory.format("delete"),
    )


def _inline(command: str) -> str:
    return " ".join(part.strip().rstrip("\\").strip() for part in command.splitlines())


def _check(dataset: DatasetPlan, spec: Volumes) -> Step:
    return Step(
        purpose="Mount a restored claim in a pod of yours, read-only, and compare it with the live one",
        place=_PLACE,
        command=f"{_of_policy(dataset)}\nkubectl get persistentvolumeclaims \\\n"
        f"  --namespace {spec.claims.namespace} \\\n"
        f"  {_of_dataset(dataset)}",
        expected="each claim is `Bound`, or `Pending` until a pod uses it",
        otherwise=f"`kubectl --namespace {spec.claims.namespace} describe persistentvolumeclaims` says "
        "what the storage waits for",
        minutes=30,
    )


def _by_hand(dataset: DatasetPlan, spec: Volumes) -> Step:
    kinds = "volumegroupsnapshots.groupsnapshot.storage.k8s.io"
    return Step(
        purpose="Find the members of the group; each of them is a snapshot that a claim can be made from",
        place=_PLACE,
        command=f"{_of_policy(dataset)}\nkubectl get {kinds} \\\n"
        f"  --namespace {spec.claims.namespace} \\\n"
        f"  {_of_dataset(dataset)}\n"
        f"kubectl get {_KIND} --output wide \\\n"
        f"  --namespace {spec.claims.namespace}",
        expected="the group, and one snapshot for each of its claims, made at the same moment",
        otherwise="`kubectl describe` of the group says why it is not ready",
        minutes=10,
    )


def _take_over(dataset: DatasetPlan, spec: Volumes) -> Step:
    system = dataset.storage.system if dataset.storage is not None else ""
    driver = dataset.storage.driver if dataset.storage is not None else ""
    named = ", ".join(f"`{name}`" for name in spec.claims.names)
    claims = named or f"the claims with `{selector_of(spec)}`"
    return Step(
        purpose=f"See whether storage system `{system}` outlived the cluster; snapshots of "
        f"`{dataset.subject}` are on it and nowhere else",
        place=f"workstation, with access to `{system}`",
        command=f"kubectl get csidrivers.storage.k8s.io \\\n  {driver}\n"
        "kubectl get volumesnapshotclasses.snapshot.storage.k8s.io \\\n"
        f"  {class_of(dataset, spec)}\n"
        f"kubectl get persistentvolumeclaims \\\n  --namespace {spec.claims.namespace}",
        expected=f"the driver and the class exist, and none of {claims} does yet",
        otherwise="without the storage system these volumes are lost: bring them back with Velero, or from "
        "the application's own backups. With it, list its snapshots in its own console, and for each "
        "create a VolumeSnapshotContent with its handle and a VolumeSnapshot that names it",
        minutes=30,
    )
