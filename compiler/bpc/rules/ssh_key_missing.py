"""A repository is reached over ssh, and no key is named; or a key or an account is named for nothing.

There is no ssh without a key, and without the host's own key the job could be talking to anybody: the Secret
holds both. An account is only for `https://` addresses, and a key only for `ssh://` ones.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: code, type: git, namespace: shop, repositories: ["ssh://git@git.example/x.git"]}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: code
          type: git
          namespace: shop
          repositories: ["ssh://git@git.example/x.git"]
          sshKey: {secret: deploy-key}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.git import Git
from bpc.plan.estate import DatasetPlan, PolicyPlan

CODE = Code("BPC754", "ssh-key-missing")
_SSH = "ssh://"


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare the addresses of repositories with what opens them."""
    for dataset in plan.datasets:
        if isinstance(dataset.spec, Git):
            yield from _check(dataset, dataset.spec)


def _check(dataset: DatasetPlan, spec: Git) -> Iterator[Finding]:
    ssh = [index for index, url in enumerate(spec.repositories) if url.startswith(_SSH)]
    if ssh and spec.ssh_key is None:
        yield Finding(
            CODE,
            f"nothing opens `{spec.repositories[ssh[0]]}`",
            dataset.where.at("repositories", ssh[0]),
            help="add `sshKey: {secret: NAME}`, a Secret with the keys `ssh-privatekey` and `known_hosts`",
            subject=dataset.subject,
        )
    https = len(ssh) < len(spec.repositories)
    unused = (
        ("sshKey", spec.ssh_key, bool(ssh), _SSH),
        ("restoreSshKey", spec.restore_ssh_key, bool(ssh), _SSH),
        ("credentials", spec.credentials, https, "https://"),
        ("restoreCredentials", spec.restore_credentials, https, "https://"),
    )
    for key, value, needed, scheme in unused:
        if value is not None and not needed:
            yield Finding(
                CODE,
                f"`{key}` of `{dataset.subject}` opens nothing: no repository begins with `{scheme}`",
                (dataset.where / key).as_key(),
                help=f"take `{key}` out, or correct the address",
                subject=dataset.subject,
            )
