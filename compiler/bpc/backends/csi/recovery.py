"""The steps that bring volumes back from CSI snapshots."""

from __future__ import annotations

import shlex

from bpc.backends.csi.objects import cut
from bpc.backends.csi.restore import POINT, TAKE_OVER, point_name, restore_name
from bpc.model.cluster import StorageClass
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.estate import DatasetPlan
from bpc.plan.steps import Step

_PLACE = "workstation, in the cluster's directory of this repository"
_SNAPSHOTS = "volumesnapshots.snapshot.storage.k8s.io"
_GROUPS = "volumegroupsnapshots.groupsnapshot.storage.k8s.io"
_CHUNK = 80
_WAIT_MARGIN = 5


def beside_the_live_one(dataset: DatasetPlan) -> tuple[Step, ...]:
    """Return the steps that restore each claim beside the live one; none if nothing is cut here."""
    spec = cut(dataset)
    if spec is None:
        return ()
    return (_choose(dataset, spec), _restore(dataset, spec), _compare(dataset, spec))


def after_cluster_loss(dataset: DatasetPlan) -> tuple[Step, ...]:
    """Return the steps that take over what the storage system still has; none if nothing is cut here."""
    spec = cut(dataset)
    if spec is None or dataset.storage is None:
        return ()
    return (
        _survived(dataset, spec, dataset.storage),
        _take_over(dataset, spec, dataset.storage),
        _mount(dataset, spec),
    )


def _choose(dataset: DatasetPlan, spec: Volumes) -> Step:
    claim = "" if spec.together else ",CLAIM:.spec.source.persistentVolumeClaimName"
    return Step(
        purpose=f"Choose the point that `{dataset.subject}` goes back to",
        place=_PLACE,
        command=_lines(
            "POINT=",
            *_selection(dataset, spec),
            "SHOWN=TAKEN:.status.creationTime,READY:.status.readyToUse",
            f"SHOWN=$SHOWN,RUNG:.metadata.labels.bpc/rung{claim}",
            'kubectl --namespace "$NAMESPACE" get \\',
            f"  {_GROUPS if spec.together else _SNAPSHOTS} \\",
            '  --selector "$CHOSEN" --sort-by .metadata.creationTimestamp \\',
            '  --output "custom-columns=$SHOWN"',
        ),
        expected="the points of each claim, oldest first, with `true` under READY; the newest is taken",
        otherwise="if the damage is older than the newest point, run `read -r POINT` and paste the time of "
        "an older one from the column TAKEN. If there is none at all, look at the last runs with "
        f"`kubectl --namespace {spec.claims.namespace} get cronjobs,jobs`; the storage system may still have "
        "snapshots whose objects are gone: `cluster-loss.md` takes one over",
        minutes=5,
    )


def _restore(dataset: DatasetPlan, spec: Volumes) -> Step:
    where = [
        f"NAMESPACE={spec.claims.namespace}",
        f"DIRECTORY=restore/{dataset.policy}",
        f'DIRECTORY="$DIRECTORY"/{dataset.name}',
        f"CONFIG={point_name(dataset)}",
    ]
    minutes = max(10, -(-dataset.run_limit // 60))
    return Step(
        purpose=f"Make a claim beside each live one of `{dataset.subject}` from that point",
        place=_PLACE,
        command=_lines(
            *where,
            f"JOB={restore_name(dataset)}",
            'kubectl --namespace "$NAMESPACE" delete --ignore-not-found \\',
            '  "job/$JOB" "configmap/$CONFIG"',
            'test -z "$POINT" || kubectl --namespace "$NAMESPACE" create configmap "$CONFIG" \\',
            f'  --from-literal "{POINT}=$POINT"',
            'kubectl apply --kustomize "$DIRECTORY"',
            'kubectl --namespace "$NAMESPACE" logs --follow --pod-running-timeout 5m "job/$JOB"',
        ),
        expected="for each claim `is made from snapshot`, then `is Bound` or `stays Pending until a pod "
        "mounts it`; at the end `0 failed`",
        otherwise="the log says why: a claim of an earlier restore is in the way, or no snapshot is ready "
        "and old enough. What was made stays; once the cause is mended, run this step again",
        minutes=minutes + _WAIT_MARGIN,
        undo=_lines(
            *where,
            'kubectl delete --kustomize "$DIRECTORY"',
            'kubectl --namespace "$NAMESPACE" delete --ignore-not-found "configmap/$CONFIG"',
            "# This lists what restores have made. Delete by its name what nobody uses.",
            *_selection(dataset, spec)[1:],
            'kubectl --namespace "$NAMESPACE" get persistentvolumeclaims --selector "$CHOSEN"',
        ),
    )


def _compare(dataset: DatasetPlan, spec: Volumes) -> Step:
    return Step(
        purpose="Mount each restored claim read-only in a pod of yours, and compare it with the live one",
        place=_PLACE,
        command=_lines(
            *_selection(dataset, spec),
            'kubectl --namespace "$NAMESPACE" get persistentvolumeclaims --selector "$CHOSEN"',
        ),
        expected="each claim is there with `-restored` behind its name, `Bound`, or `Pending` until a pod "
        "mounts it; what is in it is from before the damage",
        otherwise=f"`kubectl --namespace {spec.claims.namespace} describe persistentvolumeclaims` says what "
        "the storage waits for. To go over to a restored claim, stop the workload and name the claim in it, "
        "or copy what is missing into the live one",
        minutes=30,
    )


def _survived(dataset: DatasetPlan, spec: Volumes, storage: StorageClass) -> Step:
    return Step(
        purpose=f"See whether storage system `{storage.system}` outlived the cluster: the snapshots of "
        f"`{dataset.subject}` are on it and nowhere else",
        place=f"workstation, with access to `{storage.system}`",
        command=_lines(
            f"NAMESPACE={spec.claims.namespace}",
            *_assigned("DRIVER", storage.driver),
            f"CLASS={names.snapshot_class(storage.driver)}",
            'kubectl get csidrivers.storage.k8s.io "$DRIVER"',
            'kubectl get volumesnapshotclasses.snapshot.storage.k8s.io "$CLASS"',
            'kubectl --namespace "$NAMESPACE" get persistentvolumeclaims',
        ),
        expected=f"the driver and the class exist, and none of the claims does: {_claims(spec)}",
        otherwise="if the storage system is lost, so are these volumes: only a copy elsewhere, or the "
        "application itself, can bring them back. If only the class is missing, apply it: "
        f"`kubectl apply --kustomize {names.STORAGE}`. A claim that exists already is empty: delete it, once "
        "nothing is in it that is needed",
        minutes=30,
    )


def _take_over(dataset: DatasetPlan, spec: Volumes, storage: StorageClass) -> Step:
    ask = [
        'printf "handle of the snapshot of %s: " "$CLAIM"',
        "read -r HANDLE",
        'test -z "$HANDLE" || sh "$DIRECTORY"/' + TAKE_OVER + ' "$CLAIM" "$HANDLE"',
    ]
    if spec.claims.names:
        loop = [*_assigned("CLAIMS", " ".join(spec.claims.names)), "for CLAIM in $CLAIMS; do"]
    else:
        loop = ['while printf "claim, or nothing: " && read -r CLAIM && test -n "$CLAIM"; do']
    return Step(
        purpose=f"Make each claim of `{dataset.subject}` from a snapshot that `{storage.system}` still has",
        place=_PLACE,
        command=_lines(
            f"export NAMESPACE={spec.claims.namespace}",
            f"export POLICY={dataset.policy}",
            f"export DATASET={dataset.name}",
            *_assigned("DRIVER", storage.driver),
            f"export DRIVER SNAPSHOT_CLASS={names.snapshot_class(storage.driver)}",
            *_assigned("STORAGE_CLASS", storage.name),
            "export STORAGE_CLASS ACCESS=ReadWriteOnce",
            'DIRECTORY=restore/"$POLICY"/"$DATASET"',
            *loop,
            *(f"  {line}" for line in ask),
            "done",
        ),
        expected="for each claim a question for the handle, the storage's own name of a snapshot; then "
        "`condition met` and `is made from snapshot`. The console of the storage system lists handles, and "
        "so do the logs of the jobs, where they were collected: `its handle is`",
        otherwise="nothing that exists is overwritten, and the same handle can be given again: the script "
        "goes on where it stopped. For volumes that several nodes mount, set `ACCESS=ReadWriteMany` first. "
        "If the storage does not say how large a snapshot is, run the script by hand with the size as third "
        "word",
        minutes=30,
        undo=_lines(
            "# The storage keeps its snapshots, whatever is deleted here. Delete by its name what is wrong.",
            *_selection(dataset, spec),
            'kubectl --namespace "$NAMESPACE" get persistentvolumeclaims',
            f'kubectl --namespace "$NAMESPACE" get {_SNAPSHOTS} --selector "$CHOSEN"',
        ),
    )


def _mount(dataset: DatasetPlan, spec: Volumes) -> Step:
    return Step(
        purpose=f"Start one workload that mounts a claim of `{dataset.subject}`, and look at its data",
        place=_PLACE,
        command=_lines(
            f"NAMESPACE={spec.claims.namespace}",
            'kubectl --namespace "$NAMESPACE" get persistentvolumeclaims,pods',
        ),
        expected="the claims are `Bound` once a pod mounts them, and the data is that of the snapshot",
        otherwise=f"`kubectl --namespace {spec.claims.namespace} describe persistentvolumeclaims` says what "
        "the storage waits for",
        minutes=30,
    )


def _selection(dataset: DatasetPlan, spec: Volumes) -> list[str]:
    return [
        f"NAMESPACE={spec.claims.namespace}",
        f"CHOSEN={names.POLICY}={dataset.policy}",
        f'CHOSEN="$CHOSEN",{names.DATASET}={dataset.name}',
    ]


def _claims(spec: Volumes) -> str:
    if spec.claims.names:
        return ", ".join(f"`{name}`" for name in spec.claims.names)
    labels = ", ".join(
        f"`{key}={value}`" for key, value in sorted(spec.claims.match_labels.items())
    )
    return f"those with the labels {labels}"


def _assigned(variable: str, text: str) -> list[str]:
    """Set a variable, piece by piece where the text is too long to be printed on one line."""
    chunks = [shlex.quote(text[at : at + _CHUNK]) for at in range(0, len(text), _CHUNK)]
    return [
        f"{variable}={chunks[0]}",
        *(f'{variable}="${variable}"{chunk}' for chunk in chunks[1:]),
    ]


def _lines(*lines: str) -> str:
    return "\n".join(lines)
