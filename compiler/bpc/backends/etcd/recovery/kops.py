"""kOps: etcd-manager restores both of its clusters, main and events."""

from __future__ import annotations

from bpc.backends.etcd.recovery import common
from bpc.backends.etcd.recovery.nodes import WORKSTATION
from bpc.model.control_plane import Kops
from bpc.plan.commands import assigned, script
from bpc.plan.estate import PolicyPlan
from bpc.plan.steps import Step

_CLUSTERS = ("main", "events")


def kops(plan: PolicyPlan, control: Kops) -> tuple[Step, ...]:
    """Return the steps for a cluster whose etcd-manager saves etcd."""
    listed = [f'etcd-manager-ctl --backup-store="$STORE/{name}" list-backups' for name in _CLUSTERS]
    restored = [
        f'etcd-manager-ctl --backup-store="$STORE/{name}" restore-backup "${name.upper()}"'
        for name in _CLUSTERS
    ]
    return (
        common.decide(plan),
        common.freeze(),
        Step(
            purpose="Choose a backup of each of the two etcd clusters",
            place=WORKSTATION,
            command=script(
                'TARGET="$HOME/bpc-restore"',
                'install -d -m 0700 "$TARGET"',
                assigned("KOPS_STATE_STORE", control.state_store),
                "export KOPS_STATE_STORE",
                "kops get clusters",
                "read -r NAME",
                'STORE="$KOPS_STATE_STORE/$NAME/backups/etcd"',
                *listed,
                "read -r MAIN",
                "read -r EVENTS",
            ),
            expected="paste the name of the cluster; then, from the two lists, a backup of `main` and the "
            "one of `events` that was made at about the same time",
            otherwise="the bucket also holds the keys of the cluster. If objects were deleted, bring their "
            "earlier versions back first",
            minutes=15,
        ),
        Step(
            purpose="Order etcd-manager to restore both",
            place=WORKSTATION,
            command=script(*restored),
            expected="for each, that the restore command was added",
            otherwise="both have to go back: they are one state",
            minutes=5,
            no_return=True,
        ),
        Step(
            purpose="Restart etcd-manager on every control-plane node, all within a few minutes",
            place="each control-plane node, as root",
            command='crictl stop "$(crictl ps --quiet --name etcd-manager-main)"\n'
            'crictl stop "$(crictl ps --quiet --name etcd-manager-events)"',
            expected="the containers start again by themselves, and the log `/var/log/etcd.log` tells of "
            "the restore",
            otherwise="only the leader restores, so all of them have to be restarted",
            minutes=10,
        ),
        common.look_first(plan),
        *common.settle(0),
        Step(
            purpose="Replace all nodes one after the other, so that nothing trusts the state of before",
            place=WORKSTATION,
            command='kops rolling-update cluster "$NAME" --force --yes',
            expected="every node is drained and replaced",
            otherwise="delete leases of control-plane nodes that no longer exist below "
            "`/registry/masterleases/` first: the network plug-in talks to them",
            minutes=60,
        ),
        Step(
            purpose="Let schedules and deployments run again",
            place=WORKSTATION,
            command=common.hold_still(plan, still=False),
            expected="`patched` for each; etcd-manager goes on saving by itself, and a new backup is in "
            "the lists",
            otherwise="do not remove anything from the bucket before there are new backups",
            minutes=10,
        ),
    )
