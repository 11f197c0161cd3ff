"""Talos Linux: one node is bootstrapped from the snapshot, the others join it."""

from __future__ import annotations

from bpc.backends.etcd.recovery import common
from bpc.backends.etcd.recovery.nodes import WORKSTATION
from bpc.model.control_plane import Talos
from bpc.model.datasets.etcd import Etcd
from bpc.plan import names
from bpc.plan.commands import script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step


def talos(plan: PolicyPlan, dataset: DatasetPlan, spec: Etcd, control: Talos) -> tuple[Step, ...]:
    """Return the steps for a Talos cluster."""
    job = names.backup_job(plan.name, dataset.name, dataset.copies[0].location.name)
    first = control.members[0]
    return (
        common.decide(plan),
        common.freeze(),
        common.choose(dataset),
        common.bring(),
        _look(control),
        _wipe(control),
        Step(
            purpose=f"Bootstrap `{first.name}` from the snapshot, and no other node",
            place=WORKSTATION,
            command=script(
                _asked([first.address], 'bootstrap --recover-from "$TARGET/snapshot.db"'),
                _asked([first.address], "health"),
                _asked([first.address], "etcd members"),
            ),
            expected=f"every check of `health` passes; after some minutes there are {len(control.members)} "
            "members",
            otherwise="a file that was copied from a data directory has no checksum: that takes "
            "`--recover-skip-hash-check`; one that was fetched above has one, and is damaged if it is "
            "refused",
            minutes=20,
            no_return=True,
        ),
        common.look_first(plan),
        Step(
            purpose="Restart the kubelet on every node, workers too",
            place=WORKSTATION,
            command=script(
                "kubectl get nodes --output \\",
                '  jsonpath=\'{range .items[*]}{.status.addresses[0].address}{"\\n"}{end}\' >"$TARGET/nodes"',
                "while read -r node; do",
                '  talosctl --nodes "$node" service kubelet restart </dev/null',
                'done <"$TARGET/nodes"',
            ),
            expected='`Service "kubelet" restarted` for each. Talos does not bump the revision when it '
            "restores: watches that began before would wait for ever",
            otherwise="reboot a node that does not answer",
            minutes=15,
        ),
        *common.settle(len(control.members)),
        common.go_on(plan, dataset, job, spec.namespace),
    )


def _asked(addresses: list[str], *words: str) -> str:
    return wrapped("talosctl", f"--nodes {','.join(addresses)}", *words)


def _look(control: Talos) -> Step:
    return Step(
        purpose="See in which state etcd is on the control-plane nodes",
        place=WORKSTATION,
        command=_asked([each.address for each in control.members], "service etcd"),
        expected="`Preparing` where there is no data, and anything but a healthy majority elsewhere. No "
        "machine configuration is of the type `init`",
        otherwise="if a majority is healthy, nothing is lost: reset the others one at a time, and leave "
        "this page. The machine configurations and their secrets have to be at hand for nodes that are set "
        "up anew",
        minutes=5,
    )


def _wipe(control: Talos) -> Step:
    addresses = [each.address for each in control.members]
    return Step(
        purpose="Wipe what is left of etcd, and wait until all nodes want to be bootstrapped",
        place=WORKSTATION,
        command=script(
            _asked(
                addresses,
                "reset --graceful=false --reboot",
                "--system-labels-to-wipe EPHEMERAL",
            ),
            _asked(addresses, "service etcd"),
        ),
        expected="the nodes start anew, and etcd is `Preparing` on each",
        otherwise="run the second command again until it is so. This also wipes the images and the local "
        "volumes of these nodes; leave out a node that is new and empty",
        minutes=15,
        no_return=True,
    )
