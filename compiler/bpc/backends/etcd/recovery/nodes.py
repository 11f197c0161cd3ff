"""How a step reaches nodes from the workstation, so that one shell does for a whole page."""

from __future__ import annotations

from collections.abc import Sequence

from bpc.plan.commands import script, wrapped
from bpc.plan.steps import Step

WORKSTATION = "workstation, in the cluster's directory of this repository"
DIRECTORY = "/root/bpc"
"""Where the files for a node are put on it."""
_WAY = """\
on() {
  ssh -o BatchMode=yes "root@$1" sh -eu
}
give() {
  tar -c -f - -C "$TARGET" . |
    ssh -o BatchMode=yes "root@$1" 'umask 077; mkdir -p /root/bpc; tar -x -f - -C /root/bpc'
}"""


def way(*addresses: str) -> Step:
    """Return the step that makes `on` and `give`, with which later steps reach the nodes."""
    test = 'echo \'true\' | on "$node" && echo "$node: root"'
    lines = (_WAY, each(addresses, test)) if addresses else (_WAY,)
    return Step(
        purpose="Make a way to the nodes",
        place=WORKSTATION,
        command=script(*lines),
        expected="`root` for each address"
        if addresses
        else "nothing: later steps use it with addresses that the cluster itself tells",
        otherwise="if another account may log in and use sudo, put it in place of `root` in both "
        "functions, with `sudo` before `sh`; without ssh, run what stands between the `NODE` lines on the "
        "console of each node",
        minutes=3,
    )


def each(addresses: Sequence[str], body: str) -> str:
    """Return what runs some lines with each address as `node`."""
    if len(addresses) == 1:
        return f"node={addresses[0]}\n{body}"
    head = wrapped("for node in", *addresses, end="; do")
    return f"{head}\n{body}\ndone"


def on_each(addresses: Sequence[str], block: str, *before: str) -> str:
    """Return what runs a block of shell as root on each node; the text of the block is taken as it is."""
    indent = "" if len(addresses) == 1 else "  "
    lines = [f"{indent}{line}" for line in (*before, "on \"$node\" <<'NODE'")]
    return each(addresses, script(*lines, block, "NODE"))


def on_one(address: str, block: str) -> str:
    """Return what runs a block of shell as root on one node."""
    return f"on {address} <<'NODE'\n{block}\nNODE"


def named(names: Sequence[str]) -> str:
    """Return where a step runs that reaches nodes."""
    return f"workstation; acts as root on {', '.join(names)}"
