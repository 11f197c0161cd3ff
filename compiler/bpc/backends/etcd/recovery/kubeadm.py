"""A control plane that kubeadm set up: all members of etcd anew from one snapshot, API servers last."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from bpc.backends.etcd.control import (
    CLIENT_PORT,
    PEER_PORT,
    PKI,
    initial_cluster,
    restorer,
    series,
    url,
)
from bpc.backends.etcd.recovery import common
from bpc.backends.etcd.recovery.nodes import (
    DIRECTORY,
    named,
    on_each,
    on_one,
    way,
)
from bpc.model.control_plane import Kubeadm, KubeadmExternalEtcd, Member
from bpc.model.datasets.etcd import Etcd
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step

MANIFESTS = "/etc/kubernetes/manifests"
PARKED = "/etc/kubernetes/parked"
DATA = "/var/lib/etcd"
BEFORE = "/var/lib/etcd-before-restore"
RESTORED = "/var/lib/etcd-restored"
_SHORT = 80
_API = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
_BUMPS = {(3, 4): "3.4.27", (3, 5): "3.5.10"}
"""The releases since which a restore can bump the revision; all of later series can."""


@dataclass(frozen=True, slots=True)
class _Etcd:
    """The members, what stops and starts etcd on their hosts, and how its client proves who it is.

    `api` are the control-plane nodes; empty if nobody has said which they are.
    """

    version: str
    members: tuple[Member, ...]
    api: tuple[Member, ...]
    stop: str
    start: str
    values: str
    client: tuple[str, str, str]
    owner: str = ""

    @property
    def addresses(self) -> list[str]:
        return [each.address for each in self.members]

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.members]


def stacked(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd, control: Kubeadm
) -> tuple[Step, ...]:
    """Return the steps for etcd on the control-plane nodes."""
    etcd = _Etcd(
        version=control.etcd,
        members=control.members,
        api=control.members,
        stop=_parked("etcd"),
        start=_unparked("etcd"),
        values="grep -E -- '--(name|initial-advertise-peer-urls|data-dir)=|image:' \\\n  "
        f"{MANIFESTS}/etcd.yaml",
        client=(f"{PKI}/ca.crt", f"{PKI}/healthcheck-client.crt", f"{PKI}/healthcheck-client.key"),
    )
    return _steps(plan, dataset, spec, etcd)


def external(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd, control: KubeadmExternalEtcd
) -> tuple[Step, ...]:
    """Return the steps for etcd on hosts of its own."""
    pods = control.service_manager == "static-pod"
    access = f"{DIRECTORY}/access"
    etcd = _Etcd(
        version=control.etcd,
        members=control.members,
        api=control.control_planes,
        stop=_parked("etcd") if pods else "systemctl stop etcd",
        # The service is only ready when a majority is: to wait for it here would be for ever.
        start=_unparked("etcd") if pods else "systemctl start --no-block etcd",
        values=f"grep -E -- '--(name|data-dir)=|image:' {MANIFESTS}/etcd.yaml"
        if pods
        else "systemctl cat etcd",
        client=(f"{access}/ca.crt", f"{access}/tls.crt", f"{access}/tls.key"),
        owner=f"chown -R --reference={DATA} {RESTORED}/member",
    )
    return _steps(plan, dataset, spec, etcd)


def _steps(plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd, etcd: _Etcd) -> tuple[Step, ...]:
    reached = dict.fromkeys([*etcd.addresses, *(each.address for each in etcd.api)])
    job = names.backup_job(plan.name, dataset.name, dataset.copies[0].location.name)
    return (
        common.decide(plan),
        way(*reached),
        _majority(etcd),
        common.freeze(),
        common.choose(dataset),
        common.bring(),
        *common.keys_of_a_new_node(plan, dataset, spec),
        _hand_out(etcd, spec),
        _stop_api(etcd),
        _stop_etcd(etcd),
        _put_aside(etcd),
        *(_restore(etcd, member) for member in etcd.members),
        _start_etcd(etcd),
        _check(etcd),
        *_first_api(plan, etcd),
        _other_apis(etcd),
        _restart_kubelets(),
        *common.settle(len(etcd.api)),
        common.go_on(plan, dataset, job, spec.namespace),
    )


def _majority(etcd: _Etcd) -> Step:
    most = len(etcd.members) // 2 + 1
    block = f"ss --listening --numeric --tcp --processes 'sport = :{CLIENT_PORT}'"
    return Step(
        purpose="See how many members of etcd are left",
        place=named(etcd.names),
        command=on_each(etcd.addresses, block, 'echo "$node"'),
        expected=f"etcd runs, and listens on port {CLIENT_PORT}, on fewer than {most} of "
        f"{len(etcd.members)} members, or what it holds is of no use any more",
        otherwise=f"while {most} members work, nothing is lost: put the others in their places again with "
        "`etcdctl member remove` and `kubeadm join`, and leave this page",
        minutes=3,
    )


def _hand_out(etcd: _Etcd, spec: Etcd) -> Step:
    programs = ["etcdctl"] if restorer(etcd.version) == "etcdctl" else ["etcdctl", "etcdutl"]
    first, second = series(etcd.version)
    least = _BUMPS.get((first, second))
    access = () if spec.access is None or etcd.client[0].startswith(PKI) else _access(spec.access)
    version = "version" if first == 3 else "--version"  # noqa: PLR2004 - the only series there is
    block = script(
        f"cd {DIRECTORY}", "sha256sum -c snapshot.db.sha256", f"./{programs[-1]} {version}"
    )
    return Step(
        purpose="Put the same snapshot, and the tools, on every host of etcd",
        place=named(etcd.names),
        command=script(
            wrapped("cp", *(f'"$TOOLS/{program}"' for program in programs), '"$TARGET/"'),
            *access,
            on_each(etcd.addresses, block, 'give "$node"'),
        ),
        expected=f"`snapshot.db: OK` {len(etcd.members)} times, and release {first}.{second}"
        + (f", at least {least}" if least else ""),
        otherwise=f"TOOLS is the directory with {' and '.join(programs)} for the processors of the nodes, "
        f"from the archive of etcd's release {etcd.version} or a later one of {first}.{second}"
        + (f", but at least {least}: earlier ones cannot bump the revision" if least else ""),
        minutes=5,
    )


def _access(secret: str) -> tuple[str, ...]:
    return (f'cp -R "$KEYS/{secret}" "$TARGET/access"',)


def _stop_api(etcd: _Etcd) -> Step:
    return _on_api(
        etcd,
        "Stop what talks to etcd, on every control-plane node",
        _parked(*_API),
        expected="nothing more is printed: no API server, controller manager or scheduler runs any more",
        otherwise="the kubelet looks at its manifests about every 20 seconds. Where it does not run, stop "
        "the containers with `crictl stop`. Go on only when none is left",
        undo=_unparked(*_API),
    )


def _stop_etcd(etcd: _Etcd) -> Step:
    said = ", ".join(f"{each.name} is `{url(each.address, PEER_PORT)}`" for each in etcd.members)
    return Step(
        purpose="Note how etcd is started, and stop it on every host",
        place=named(etcd.names),
        command=on_each(etcd.addresses, script(etcd.values, etcd.stop)),
        expected=f"names and addresses of the members as here: {said}; the data directory is `{DATA}`; then "
        "nothing runs any more",
        otherwise="where a name, an address or the directory is another one, write what is printed here "
        "into the steps below. Etcd must not run when its directory is moved: it would go on writing to it",
        minutes=5,
        undo=on_each(etcd.addresses, etcd.start),
    )


def _put_aside(etcd: _Etcd) -> Step:
    block = script(
        f"install -d -m 0700 {DATA}",
        f"test ! -e {BEFORE}",
        f"install -d -m 0700 {BEFORE}",
        f"test ! -d {DATA}/member || mv {DATA}/member {BEFORE}/",
        f"ls -A {DATA} {BEFORE}",
    )
    # The directory itself is often where a disk is mounted, and cannot be moved.
    undo = script(f"rm -rf {DATA}/member", f"mv {BEFORE}/member {DATA}/", f"rmdir {BEFORE}")
    return Step(
        purpose="Put the old data aside on every host",
        place=named(etcd.names),
        command=on_each(etcd.addresses, block),
        expected=f"`member` is in `{BEFORE}` and no longer in `{DATA}`; on a new host both are empty",
        otherwise=f"if `{BEFORE}` is there from an earlier attempt, keep it under another name",
        minutes=3,
        undo=on_each(etcd.addresses, undo),
    )


def _restore(etcd: _Etcd, member: Member) -> Step:
    block = script(
        f"cd {DIRECTORY}",
        _cluster(etcd.members),
        wrapped(
            f"./{restorer(etcd.version)} snapshot restore snapshot.db",
            f"--data-dir {RESTORED}",
            f"--name {member.name}",
            '--initial-cluster "$CLUSTER"',
            '--initial-cluster-token "$(cat token)"',
            f"--initial-advertise-peer-urls {shlex.quote(url(member.address, PEER_PORT))}",
            '--bump-revision "$(cat bump)" --mark-compacted',
        ),
        *((etcd.owner,) if etcd.owner else ()),
        f"mv {RESTORED}/member {DATA}/",
        f"rmdir {RESTORED}",
    )
    return Step(
        purpose=f"Restore the member `{member.name}` from the snapshot",
        place=named([member.name]),
        command=on_one(member.address, block),
        expected="`restored snapshot` or `added member`, once for each member of the cluster, and no `error`",
        otherwise=f"remove `{RESTORED}` and run this again. A checksum that is not the expected one means "
        "that the file was damaged on its way: hand it out again. All members take the same file, the full "
        "list and the same token: with other values they would become clusters of their own",
        minutes=5,
        undo=on_one(member.address, f"rm -rf {RESTORED} {DATA}/member"),
    )


def _cluster(members: tuple[Member, ...]) -> str:
    """Return what sets the full list of members, one to a line where they are short enough to print."""
    parts = initial_cluster(members).split(",")
    if max(map(len, parts)) > _SHORT:
        return assigned("CLUSTER", ",".join(parts))
    first, *others = parts
    return script(
        f"CLUSTER={shlex.quote(first)}", *(f'CLUSTER="$CLUSTER,{each}"' for each in others)
    )


def _start_etcd(etcd: _Etcd) -> Step:
    return Step(
        purpose="Start etcd on every host",
        place=named(etcd.names),
        command=on_each(etcd.addresses, etcd.start),
        expected="nothing is printed; the members find each other within a minute",
        otherwise="read the log of etcd: `couldn't find local name` means that a member was restored under "
        "another name than it is started with",
        minutes=3,
        undo=on_each(etcd.addresses, etcd.stop),
    )


def _check(etcd: _Etcd) -> Step:
    endpoints = ",".join(url(each.address, CLIENT_PORT) for each in etcd.members)
    authority, certificate, key = etcd.client
    block = script(
        assigned("ETCDCTL_ENDPOINTS", endpoints),
        f"ETCDCTL_CACERT={authority}",
        f"ETCDCTL_CERT={certificate}",
        f"ETCDCTL_KEY={key}",
        "export ETCDCTL_ENDPOINTS ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY",
        f"until {DIRECTORY}/etcdctl endpoint health; do",
        "  sleep 5",
        "done",
        f"{DIRECTORY}/etcdctl endpoint status --write-out fields |",
        "  grep -E '^\"(Endpoint|MemberID|Leader|RaftTerm|Revision)\"'",
        f"{DIRECTORY}/etcdctl member list",
    )
    count = len(etcd.members)
    return Step(
        purpose="See that the members are one cluster",
        place=named([etcd.members[0].name]),
        command=on_one(etcd.members[0].address, block),
        expected="`is healthy` for each; for all of them one `Leader`, one `RaftTerm` and one `Revision`, "
        f"which is above the number of the bump; and {count} member{'s' if count > 1 else ''}",
        otherwise="if this is not so after two minutes, stop etcd, remove the new data, and go back to the "
        "step that restores the first member",
        minutes=5,
    )


def _first_api(plan: PolicyPlan, etcd: _Etcd) -> tuple[Step, ...]:
    block = _moved(PARKED, MANIFESTS, "kube-apiserver")
    if etcd.api:
        place, command = named([etcd.api[0].name]), on_one(etcd.api[0].address, block)
    else:
        place, command = "one control-plane node, as root", block
    start = Step(
        purpose="Start the API server on one node: from here on, going back is another restore",
        place=place,
        command=command,
        expected="nothing is printed",
        otherwise="until this moment everything can be undone: stop etcd, put the old `member` back, "
        "return the manifests",
        minutes=5,
        no_return=True,
    )
    return start, common.look_first(plan)


def _other_apis(etcd: _Etcd) -> Step:
    block = (
        f"for file in {PARKED}/kube-*.yaml; do\n"
        f'  test ! -e "$file" || mv "$file" {MANIFESTS}/\n'
        "done"
    )
    return _on_api(
        etcd,
        "Start the other API servers, then everywhere the controller manager and the scheduler",
        block,
        expected="nothing is printed",
        otherwise="see that the manifests are in their directory again on every control-plane node",
    )


def _restart_kubelets() -> Step:
    return Step(
        purpose="Restart the kubelet on every node, workers too, and look for pods that nobody knows",
        place="workstation; acts as root on every node",
        command=script(
            "kubectl get nodes --output \\",
            '  jsonpath=\'{range .items[*]}{.status.addresses[0].address}{"\\n"}{end}\' >"$TARGET/nodes"',
            'kubectl get pods --all-namespaces --output wide >"$TARGET/pods"',
            "while read -r node; do",
            "  on \"$node\" <<'NODE'",
            "systemctl restart kubelet",
            "sleep 20",
            "crictl pods --state Ready",
            "NODE",
            'done <"$TARGET/nodes"',
        ),
        expected="for each node the pods that run there; all of them are in the file `pods` as well",
        otherwise="a pod that runs on a node but is not in that file is a phantom: stop it with `crictl "
        "stopp` and remove it with `crictl rmp`. A kubelet that was not restarted keeps it for ever",
        minutes=15,
    )


def _on_api(
    etcd: _Etcd, purpose: str, block: str, *, expected: str, otherwise: str, undo: str = ""
) -> Step:
    """Return a step for all control-plane nodes; on their consoles, if nobody has said which they are."""
    if etcd.api:
        addresses = [each.address for each in etcd.api]
        place = named([each.name for each in etcd.api])
        command = on_each(addresses, block)
        back = on_each(addresses, undo) if undo else ""
    else:
        place, command, back = "each control-plane node, as root", block, undo
    return Step(purpose, place, command, expected, otherwise, minutes=5, undo=back)


def _parked(*names_of_pods: str) -> str:
    return script(
        f"install -d -m 0700 {PARKED}",
        _moved(MANIFESTS, PARKED, *names_of_pods),
        f"PODS='^({'|'.join(names_of_pods)})$'",
        'until test -z "$(crictl ps --quiet --name "$PODS")"; do',
        "  sleep 5",
        "done",
    )


def _unparked(*names_of_pods: str) -> str:
    return _moved(PARKED, MANIFESTS, *names_of_pods)


def _moved(source: str, target: str, *names_of_pods: str) -> str:
    return script(*(f"mv {source}/{name}.yaml {target}/" for name in names_of_pods))
