"""A hook that freezes an application has nothing that thaws it, or too little time.

When `pre` fails Velero does not run `post`, so a freeze that half succeeded has to undo itself; and
a `pre` hook without `post` leaves the application frozen after every backup.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          hooks: [{name: f, pods: {app: db}, pre: {command: [/freeze]}}]

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          hooks:
            - {name: f, pods: {app: db}, pre: {command: [/freeze]}, post: {command: [/thaw]}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.datasets.namespaces import Namespaces
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC719", "hook-without-counterpart", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find hooks that run before the cut and have nothing for afterwards."""
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Namespaces):
            continue
        for index, hook in enumerate(dataset.spec.hooks):
            if hook.pre is not None and hook.post is None:
                yield Finding(
                    CODE,
                    f"hook `{hook.name}` of `{dataset.subject}` runs before the cut, and nothing undoes it",
                    dataset.where.at("hooks", index, "pre"),
                    help="add `post`, even if it only checks that the application is running",
                    subject=dataset.subject,
                )
