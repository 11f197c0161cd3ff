"""k3s and RKE2: the first server resets the cluster from a snapshot, the others join it anew."""

from __future__ import annotations

from dataclasses import dataclass

from bpc.backends.etcd.hosts import DROP_IN, bucket, host_path
from bpc.backends.etcd.recovery import common
from bpc.backends.etcd.recovery.nodes import DIRECTORY, WORKSTATION, named, on_each, on_one, way
from bpc.model.control_plane import K3s, Rke2
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step


@dataclass(frozen=True, slots=True)
class _Names:
    """What the two call the same things."""

    program: str
    service: str
    agent: str

    @property
    def data(self) -> str:
        return f"/var/lib/rancher/{self.program}/server/db"


def rancher(plan: PolicyPlan, dataset: DatasetPlan, control: K3s | Rke2) -> tuple[Step, ...]:
    """Return the steps for embedded etcd of k3s or RKE2."""
    names = (
        _Names("k3s", "k3s", "k3s-agent")
        if isinstance(control, K3s)
        else _Names("rke2", "rke2-server", "rke2-agent")
    )
    return (
        common.decide(plan),
        way(*(each.address for each in control.members)),
        common.freeze(),
        _choose(dataset, control, names),
        _bring(dataset),
        _stop(control, names),
        _reset(control, names),
        _start_first(control, names),
        common.look_first(plan, "; the restore did not bump the revision"),
        _join(control, names),
        _restart_agents(names),
        *common.settle(len(control.members)),
        _after(plan, dataset, names),
    )


def _choose(dataset: DatasetPlan, control: K3s | Rke2, names: _Names) -> Step:
    place = bucket(dataset)
    where = f"{place.get('bucket')}/{place['folder']}"
    credentials = dataset.copies[0].location.spec.credentials
    opened = (
        (
            f'AWS_SHARED_CREDENTIALS_FILE="$KEYS/{credentials.secret}/{credentials.key}"',
            "export AWS_SHARED_CREDENTIALS_FILE",
        )
        if credentials is not None
        else ()
    )
    settings = [
        "RCLONE_CONFIG=/dev/null",
        "RCLONE_CONFIG_STORE_TYPE=s3",
        f"RCLONE_CONFIG_STORE_PROVIDER={'AWS' if 'amazonaws' in str(place['endpoint']) else 'Other'}",
        "RCLONE_CONFIG_STORE_ENV_AUTH=true",
        assigned("RCLONE_CONFIG_STORE_REGION", str(place["region"])),
        assigned("RCLONE_CONFIG_STORE_ENDPOINT", str(place["endpoint"])),
    ]
    exported = [
        "export RCLONE_CONFIG RCLONE_CONFIG_STORE_TYPE RCLONE_CONFIG_STORE_PROVIDER",
        "export RCLONE_CONFIG_STORE_ENV_AUTH RCLONE_CONFIG_STORE_REGION RCLONE_CONFIG_STORE_ENDPOINT",
    ]
    return Step(
        purpose="Choose the snapshot, and have the server token at hand",
        place=WORKSTATION,
        command=script(
            'KEYS="$HOME/bpc-keys"',
            'TARGET="$HOME/bpc-restore"',
            *opened,
            *settings,
            *exported,
            assigned("FOLDER", where),
            f'ls -l "$KEYS/{control.token}"',
            'rclone lsl "store:$FOLDER"',
            "read -r SNAPSHOT",
        ),
        expected="the file with the token; then the snapshots with size and time. Paste the name of the "
        "newest that is older than the damage; it ends in the second at which it was made, and names its "
        "server",
        otherwise=f"without the server token, the key `{control.token}`, a snapshot cannot be used: it "
        "encrypts what starts the cluster. If the bucket cannot be reached, the servers have copies in "
        f"`{names.data}/snapshots`",
        minutes=15,
    )


def _bring(dataset: DatasetPlan) -> Step:
    return Step(
        purpose="Fetch the snapshot",
        place=WORKSTATION,
        command=script(
            'install -d -m 0700 "$TARGET"',
            'rclone copyto "store:$FOLDER/$SNAPSHOT" "$TARGET/$SNAPSHOT"',
            'rclone check --one-way --download --include "/$SNAPSHOT" "store:$FOLDER" "$TARGET"',
            'printf \'%s\\n\' "$SNAPSHOT" >"$TARGET/name"',
        ),
        expected="`0 differences found`",
        otherwise="fetch it again, or choose another one. Nothing in a snapshot of this kind was checked "
        "when it was made; the restore below checks it, before it touches the data",
        minutes=15,
        undo='rm -r "$TARGET"',
    )


def _stop(control: K3s | Rke2, names: _Names) -> Step:
    return _on_servers(
        control,
        "Stop the service on all servers",
        f"systemctl stop {names.service}\nsystemctl is-active {names.service} || true",
        expected="`inactive` for each",
        otherwise="go on only when it runs nowhere: two halves of a cluster would both believe that they "
        "are it",
        undo=f"systemctl start {names.service}",
    )


def _reset(control: K3s | Rke2, names: _Names) -> Step:
    block = script(
        f"rm -f {names.data}/reset-flag",
        wrapped(
            f"{names.program} server --cluster-reset",
            "--etcd-s3=false",
            f"--token-file={DIRECTORY}/token",
            f'--cluster-reset-restore-path="{DIRECTORY}/$(cat {DIRECTORY}/name)"',
        ),
    )
    place, command = _first(control, block)
    if control.members:
        give = script(
            f'cp "$KEYS/{control.token}" "$TARGET/token"', f"give {control.members[0].address}"
        )
        command = script(give, command)
    return Step(
        purpose="Reset the cluster to the snapshot, on the first server",
        place=place,
        command=command,
        expected="`Managed etcd cluster membership has been reset, restart without --cluster-reset flag now`",
        otherwise="a wrong token or a damaged snapshot is refused here, and the old data is still there, "
        f"as `etcd-old-` and a time in `{names.data}`. Choose another snapshot",
        minutes=15,
        no_return=True,
    )


def _start_first(control: K3s | Rke2, names: _Names) -> Step:
    place, command = _first(control, f"systemctl start {names.service}")
    return Step(
        purpose="Start the first server",
        place=place,
        command=command,
        expected="nothing is printed",
        otherwise=f"read `journalctl --unit {names.service}`",
        minutes=10,
    )


def _join(control: K3s | Rke2, names: _Names) -> Step:
    block = script(
        f"test ! -e {names.data}-before-restore",
        f"mv {names.data} {names.data}-before-restore",
        f"systemctl start {names.service}",
    )
    others = control.members[1:]
    if others:
        place = named([each.name for each in others])
        command = on_each([each.address for each in others], block)
    elif control.members:
        place, command = WORKSTATION, "kubectl get nodes"
    else:
        place, command = "each other server, as root", block
    return Step(
        purpose="Let the other servers join the restored cluster",
        place=place,
        command=command,
        expected="nothing is printed; after some minutes `kubectl get nodes` shows all servers `Ready`",
        otherwise="a server that still has its old data does not join: its directory has to be out of the "
        "way. If there is only one server, there is nothing to do",
        minutes=15,
    )


def _restart_agents(names: _Names) -> Step:
    return Step(
        purpose="Restart the service on all other nodes",
        place="workstation; acts as root on every node that is not a server",
        command=script(
            "kubectl get nodes --selector '!node-role.kubernetes.io/control-plane' --output \\",
            '  jsonpath=\'{range .items[*]}{.status.addresses[0].address}{"\\n"}{end}\' >"$TARGET/nodes"',
            "while read -r node; do",
            "  on \"$node\" <<'NODE'",
            f"systemctl restart {names.agent}",
            "NODE",
            'done <"$TARGET/nodes"',
        ),
        expected="nothing is printed. This is needed although the nodes look well: watches that began "
        "before the restore may wait for ever",
        otherwise="delete nodes that no longer exist with `kubectl delete node`",
        minutes=10,
    )


def _after(plan: PolicyPlan, dataset: DatasetPlan, names: _Names) -> Step:
    done = common.go_on(plan, dataset, "", "")
    return Step(
        purpose=done.purpose,
        place=done.place,
        command=script(
            done.command, f'echo "on the first server: {names.program} etcd-snapshot save"'
        ),
        expected=f"{done.expected}. The new snapshot is made on the first server, by the command that is "
        f"printed; new servers have the file `{host_path(dataset, DROP_IN)}` in "
        f"`/etc/rancher/{names.program}/config.yaml.d`",
        otherwise=done.otherwise,
        minutes=done.minutes,
    )


def _first(control: K3s | Rke2, block: str) -> tuple[str, str]:
    if control.members:
        return named([control.members[0].name]), on_one(control.members[0].address, block)
    return "the first server, as root", block


def _on_servers(
    control: K3s | Rke2, purpose: str, block: str, *, expected: str, otherwise: str, undo: str
) -> Step:
    if control.members:
        addresses = [each.address for each in control.members]
        place = named([each.name for each in control.members])
        command, back = on_each(addresses, block), on_each(addresses, undo)
    else:
        place, command, back = "each server, as root", block, undo
    return Step(purpose, place, command, expected, otherwise, minutes=10, undo=back)
