"""The files of a new project."""

from __future__ import annotations

from typing import Literal

from bpc.pipeline.schemas import schema_text
from bpc.version import __version__

Engine = Literal["flux", "argocd", "plain"]

_PROJECT = """\
# yaml-language-server: $schema=.bpc/project.schema.json
apiVersion: bpc/v1
kind: Project
policies: [policies]
output: output
requires: ">={series}"
"""
_POLICY = """\
# yaml-language-server: $schema=../.bpc/policy.schema.json
apiVersion: bpc/v1
kind: Cluster
metadata: {{name: prod}}
spec:
  kubernetes: "1.33"
  site: {{provider: aws, region: eu-central-1, account: prod, realm: prod-admins}}
  storageClasses: [{{name: gp3, driver: ebs.csi.aws.com, system: ebs}}]
  addons: {{velero: "1.17", snapshotter: "8.2"{addon}}}
  velero: {{repositorySecret: kopia-prod}}
{gitops}---
apiVersion: bpc/v1
kind: Location
metadata: {{name: backup}}
spec:
  type: s3
  bucket: change-me-backup
  site: {{provider: aws, region: eu-west-1, account: backup, realm: backup-admins}}
  medium: object-store
  credentials: {{secret: backup-s3}}
---
apiVersion: bpc/v1
kind: Tier
metadata: {{name: standard}}
spec:
  objectives: {{default: {{rpo: 6h, rto: 8h}}}}
  copies: {{to: [backup]}}
  retention: {{hourly: 24, daily: 14, weekly: 8}}
---
apiVersion: bpc/v1
kind: BackupPolicy
metadata: {{name: first}}
spec:
  clusters: [prod]
  tier: standard
  owner: {{team: platform, contact: "#platform-oncall"}}
  datasets:
    - {{name: app, type: namespaces, include: [default]}}
"""
_ATTRIBUTES = """\
output/** linguist-generated gitlab-generated
output/**/runbooks/** -linguist-generated -gitlab-generated
"""
_ENGINES: dict[Engine, tuple[str, str]] = {
    "plain": ("", ""),
    "flux": (
        ', flux: "2.6"',
        "  gitops: {engine: flux, source: {name: flux-system, namespace: flux-system, path: output}}\n",
    ),
    "argocd": (
        ', argocd: "3.1"',
        "  gitops:\n    engine: argocd\n"
        "    source: {name: default, namespace: argocd, url: https://git.example/change/me.git}\n",
    ),
}
_GITHUB = """\
name: backup policies
on: [pull_request, push]
permissions: {{contents: read}}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: pip install 'bpc=={version}'
      - run: bpc lint --format github
      - run: bpc check
"""
_GITLAB = """\
backup-policies:
  image: python:3.12-slim
  script:
    - pip install 'bpc=={version}'
    - bpc lint --format gitlab > gl-code-quality-report.json
    - bpc check
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


def scaffold(engine: Engine, ci: str) -> dict[str, str]:
    """Return the files of a new project by path; a build of it works at once."""
    addon, gitops = _ENGINES[engine]
    series = ".".join(__version__.split(".")[:2])
    files = {
        "bpc.yaml": _PROJECT.format(series=series),
        "policies/first.yaml": _POLICY.format(addon=addon, gitops=gitops),
        ".bpc/policy.schema.json": schema_text("policy", editor=True),
        ".bpc/project.schema.json": schema_text("project", editor=True),
        ".gitattributes": _ATTRIBUTES,
    }
    if ci == "github":
        files[".github/workflows/bpc.yaml"] = _GITHUB.format(version=__version__)
    elif ci == "gitlab":
        files[".gitlab-ci.yml"] = _GITLAB.format(version=__version__)
    return files
