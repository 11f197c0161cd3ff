"""Steps that every kind of control plane needs before and after its own."""

from __future__ import annotations

from bpc.backends.etcd import fetch
from bpc.backends.etcd.bundle import bundled
from bpc.backends.etcd.recovery.nodes import WORKSTATION
from bpc.model.datasets.etcd import Etcd
from bpc.model.location import PvcLocation
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step

_DAYS = (7, 14, 30, 90)
_DAY = 86_400
_LEAST_BUMP = 1_000_000_000
# 1,500 writes a second, and a tenth more.
_BUMP_A_SECOND = 1_650
_OURS = f"{names.MANAGED_BY}=bpc"
_HOLD = """\
hold() {
  kubectl get "$1" --all-namespaces --selector "$3" --no-headers --ignore-not-found \\
    --output custom-columns=A:.metadata.namespace,B:.metadata.name >"$TARGET/held"
  while read -r namespace name; do
    kubectl --namespace "$namespace" patch "$1" "$name" --type merge --patch "$2"
  done <"$TARGET/held"
}"""


def bump(days: int) -> int:
    """Return by how much the revision has to rise when the snapshot is so many days old."""
    return max(_LEAST_BUMP, days * _DAY * _BUMP_A_SECOND)


def decide(plan: PolicyPlan) -> Step:
    """Return the step that asks whether this is the right page."""
    return Step(
        purpose=f"See that the control plane of `{plan.cluster.name}` is really gone",
        place=WORKSTATION,
        command="kubectl --request-timeout 10s get --raw /readyz",
        expected="an error, after some seconds; the nodes themselves still exist, or have been set up anew "
        "under their old names and addresses",
        otherwise="`ok` means that it lives: leave this page, and bring single objects back with "
        "`operator-error.md`. A restore of the control plane takes the whole cluster back in time",
        minutes=2,
    )


def freeze() -> Step:
    """Return the step that stops what acts from outside of the cluster."""
    return Step(
        purpose="Stop what acts on the cluster or its copies from outside",
        place="people",
        command='date -u +%Y-%m-%dT%H:%M:%SZ && echo "frozen: deployments, autoscaling, lifecycle rules"',
        expected="somebody has stopped the pipelines that deploy, whatever adds and removes nodes, and "
        "what deletes in the buckets of the copies; the moment is noted",
        otherwise="do not go on: a job that prunes must not delete the last good copy, and a pipeline must "
        "not write to a state that is about to be thrown away",
        minutes=5,
    )


def choose(dataset: DatasetPlan) -> Step:
    """Return the step that lists the points."""
    first = dataset.copies[0]
    needed = [f'"$KEYS/{file}"' for file in fetch.keys(dataset)]
    others = ", ".join(f"`{copy.location.name}`" for copy in dataset.copies[1:])
    volume = (
        ("read -r VOLUME", "export VOLUME") if isinstance(first.location.spec, PvcLocation) else ()
    )
    return Step(
        purpose=f"Choose the point that `{dataset.subject}` goes back to",
        place=WORKSTATION,
        command=script(
            'KEYS="$HOME/bpc-keys"',
            'TARGET="$HOME/bpc-restore"',
            'TOOLS="$HOME/bpc-tools"',
            "export KEYS TARGET",
            assigned("SCRIPTS", names.restore_directory(dataset.policy, dataset.name)),
            assigned("LOCATION", first.location.name),
            "POINT=",
            *volume,
            wrapped("ls -l", *needed),
            'WANTED=list sh "$SCRIPTS/fetch.sh" snapshot "$LOCATION"',
        ),
        expected="one line for each file with a key, and then the ids of the verified points, oldest "
        "first: each begins with the moment in UTC at which it was begun. The newest is taken",
        otherwise="make the files from where the keys are kept outside of the cluster: a directory for "
        "each Secret, a file for each of its keys. If the damage is older than the newest point, run `read "
        "-r POINT` and paste an older id. If the location cannot be reached, "
        + (
            f"run this again with another LOCATION in its line: {others}"
            if others
            else "there is no other copy"
        )
        + (
            ". VOLUME is the directory at which the volume is mounted on the workstation"
            if volume
            else ""
        ),
        minutes=10,
    )


def bring() -> Step:
    """Return the step that fetches the point, checks it, and works out how far revisions must rise."""
    table = ", ".join(f"{bump(days)} up to {days} days" for days in _DAYS)
    return Step(
        purpose="Fetch that point, and try it out",
        place=WORKSTATION,
        command='WANTED=$POINT sh "$SCRIPTS/fetch.sh" snapshot "$LOCATION"',
        expected="`part snapshot is back`, then that it was restored to a scratch directory, and the "
        f"number by which the revision is to be bumped, which follows from the snapshot's age: {table}",
        otherwise="if the directory is not empty, choose another TARGET and run this again. If the point "
        "is damaged, choose an older one. `NOT TRIED OUT` is no fault: the nodes check it again",
        minutes=10,
        undo='rm -r "$TARGET"',
    )


def keys_of_a_new_node(plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd) -> tuple[Step, ...]:
    """Return the step that fetches the files of a control-plane node."""
    stored = bundled(plan, dataset, spec)
    if stored is None or spec.bundle is None:
        return ()
    password, *_ = fetch.keys(stored)
    return (
        Step(
            purpose="Fetch the files of a control-plane node, if one of them was set up anew",
            place=WORKSTATION,
            command=script(
                f'ls -l "$KEYS/{password}"',
                'TARGET="$HOME/bpc-bundle" WANTED="" sh "$SCRIPTS/fetch.sh" bundle "$LOCATION"',
                'ls -R "$HOME/bpc-bundle/etc/kubernetes"',
            ),
            expected="`part bundle is back`, and the list of the files. The password is the key "
            f"`{spec.bundle.key}`. To a new node belong, from `pki`: `ca`, `front-proxy-ca` and `etcd/ca` "
            "with their keys, `sa.key` and `sa.pub`; and the encryption configuration, if there is one. "
            "`kubeadm init phase certs all` and `kubeadm init phase kubeconfig all` make the rest there, "
            "and the manifests name what is particular to a node",
            otherwise="if no node is new, leave this out: the files are where they were. Without these "
            "files a new control plane can neither read encrypted Secrets nor be trusted by anybody",
            minutes=10,
        ),
    )


def hold_still(plan: PolicyPlan, *, still: bool) -> str:
    """Return the commands that stop schedules and GitOps engines inside the cluster, or let them go on."""
    flag = str(still).lower()
    lines = [_HOLD] if still else []
    suspend = f'{{"spec":{{"suspend":{flag}}}}}'
    lines.append(wrapped("hold cronjobs", f"'{suspend}'", _OURS))
    if plan.cluster.spec.gitops.engine == "flux":
        kind = "kustomizations.kustomize.toolkit.fluxcd.io"
        lines.append(wrapped(f"hold {kind}", f"'{suspend}' ''"))
    if plan.cluster.spec.gitops.engine == "argocd":
        automated = "null" if still else '{"prune":true}'
        patch = f'{{"spec":{{"syncPolicy":{{"automated":{automated}}}}}}}'
        lines.append(wrapped("hold applications.argoproj.io", f"'{patch}' ''"))
    if plan.cluster.uses.velero:
        mode = "ReadOnly" if still else "ReadWrite"
        patch = f'{{"spec":{{"accessMode":"{mode}"}}}}'
        lines.append(wrapped("hold backupstoragelocations.velero.io", f"'{patch}' ''"))
    return script(*lines)


def look_first(plan: PolicyPlan, more: str = "") -> Step:
    """Return the step that looks around before anything but the API server runs."""
    return Step(
        purpose="Wait for the API server, look around, and hold still what would change things",
        place=WORKSTATION,
        command=script(
            "until kubectl --request-timeout 10s get --raw '/readyz?verbose'; do",
            "  sleep 5",
            "done",
            "kubectl get nodes,namespaces",
            hold_still(plan, still=True),
        ),
        expected="`readyz check passed`; the nodes and namespaces of the moment of the snapshot; one line "
        f"for each schedule and each object of the GitOps engine, `patched`{more}",
        otherwise="if the API server does not answer within five minutes, read its log with `crictl logs` "
        "on the first node. Go on to the commands below it at once: what deploys from Git is already at "
        "work. If the state is not the right one, another restore is needed",
        minutes=10,
    )


def settle(api_servers: int) -> tuple[Step, ...]:
    """Return the steps that make the cluster agree with the restored state."""
    lines = (
        "kubectl --namespace kube-system rollout restart daemonset,deployment",
        "kubectl get nodes",
        "kubectl get certificatesigningrequests",
        "kubectl --namespace default get endpoints kubernetes",
    )
    addresses = (
        f"exactly {api_servers} addresses" if api_servers else "the addresses of the API servers"
    )
    return (
        Step(
            purpose="Restart what keeps a picture of the cluster in its memory",
            place=WORKSTATION,
            command=script(*lines),
            expected="`restarted` for each; every node `Ready`; no request that waits for approval; and "
            f"{addresses} for the service `kubernetes`",
            otherwise="restart the network plug-in and operators with namespaces of their own in the same "
            "way. Delete nodes that no longer exist, approve the requests of those that do. An address "
            "that is left over goes after some minutes; if not, delete its key below "
            "`/registry/masterleases/` in etcd",
            minutes=10,
        ),
        Step(
            purpose="Compare what the cluster believes with what exists outside of it",
            place=WORKSTATION,
            command=script(
                "kubectl get volumeattachments",
                "kubectl get persistentvolumes",
                "kubectl get services --all-namespaces --field-selector spec.type=LoadBalancer",
            ),
            expected="volumes are attached to the nodes that use them; every disk and every load balancer "
            "exists",
            otherwise="detach what hangs on a wrong node. A disk that was made after the snapshot is known "
            "to nobody: keep it until its owner has looked. Renew credentials that were changed after the "
            "snapshot",
            minutes=20,
        ),
    )


def go_on(plan: PolicyPlan, dataset: DatasetPlan, job: str, namespace: str) -> Step:
    """Return the last step: let schedules run again, and save the state anew."""
    return Step(
        purpose="Let schedules and deployments run again, and save the state anew",
        place=WORKSTATION,
        command=script(
            hold_still(plan, still=False),
            assigned("JOB", job),
            wrapped(
                f"kubectl --namespace {namespace}",
                'create job "after-restore-$(date -u +%s)"',
                '--from "cronjob/$JOB"',
            ),
        )
        if job
        else hold_still(plan, still=False),
        expected="`patched` for each, and the job is made; it ends well within its limits. Before this, "
        "somebody has compared what the GitOps engine would change",
        otherwise="a new point has to exist before the old data directories go, which stay for some days. "
        "Paused schedules run now, too: the next sync of the repository pauses them again",
        minutes=10,
    )
