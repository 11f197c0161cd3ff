"""What can be wrong between documents: the codes of this stage, each with its page."""

from __future__ import annotations

from collections.abc import Mapping

from bpc.diagnostics import Code, Severity
from bpc.source.codes import Page

DUPLICATE_NAME = Code("BPC201", "duplicate-name")
UNKNOWN_REFERENCE = Code("BPC202", "unknown-reference")
NO_CLUSTER = Code("BPC203", "no-cluster-selected")
DUPLICATE_DATASET = Code("BPC204", "duplicate-dataset")
ORDER_CYCLE = Code("BPC205", "order-cycle")
GUARDRAIL = Code("BPC206", "guardrail-weakened")
RPO_UNREACHABLE = Code("BPC207", "rpo-unreachable")
INVALID_CRON = Code("BPC208", "invalid-cron")
UNKNOWN_ZONE = Code("BPC209", "unknown-time-zone")
NO_EFFECT = Code("BPC210", "document-without-effect", Severity.WARNING)
UNRESOLVED_NAMESPACES = Code("BPC212", "namespaces-not-resolved")
BROKEN_CHAIN = Code("BPC213", "copy-chain-broken")
NOTHING_SELECTED = Code("BPC214", "nothing-selected")
EXPIRED_WAIVER = Code("BPC215", "waiver-expired")
UNUSED_WAIVER = Code("BPC216", "waiver-unused", Severity.WARNING)
NO_RETENTION = Code("BPC217", "retention-missing")
NO_LOCATION = Code("BPC218", "no-location")
NO_STORAGE_CLASS = Code("BPC219", "storage-class-unclear")

_POLICY = "kind: BackupPolicy\nspec:\n  "
_SHOP = _POLICY + "datasets:\n    - {name: shop, type: namespaces, include: [shop]"

PAGES: Mapping[Code, Page] = {
    DUPLICATE_NAME: Page(
        what="Two documents of one kind have the same name.",
        why="References are by name, so one of the two would win silently. Nothing decides which.",
        bad="kind: Tier\nmetadata: {name: a}\nspec: {}\n---\nkind: Tier\nmetadata: {name: a}\nspec: {}\n",
        good="kind: Tier\nmetadata: {name: silver}\nspec: {}\n",
    ),
    UNKNOWN_REFERENCE: Page(
        what="A name leads nowhere: no document, dataset or scenario has it.",
        why="A copy to a location that does not exist is no copy. The nearest name is suggested.",
        bad=_POLICY + "tier: glod\n",
        good=_POLICY + "tier: gold\n",
    ),
    NO_CLUSTER: Page(
        what="A policy's labels choose no cluster.",
        why="The policy would compile to nothing, and everybody would believe the data safe.",
        bad=_POLICY + "clusters: {matchLabels: {env: nowhere}}\n",
        good=_POLICY + "clusters: [prod]\n",
    ),
    DUPLICATE_DATASET: Page(
        what="Two datasets of one policy have the same name.",
        why="Names of objects and retention labels come from the dataset's name; they would collide.",
        bad=_SHOP + "}\n    - {name: shop, type: namespaces, include: [media]}\n",
        good=_SHOP + "}\n    - {name: media, type: namespaces, include: [media]}\n",
    ),
    ORDER_CYCLE: Page(
        what="Datasets wait for each other in a circle.",
        why="No start times can satisfy that order.",
        bad=_SHOP + ", after: [media]}\n"
        "    - {name: media, type: namespaces, include: [media], after: [shop]}\n",
        good=_SHOP + "}\n    - {name: media, type: namespaces, include: [media], after: [shop]}\n",
    ),
    GUARDRAIL: Page(
        what="A setting is weaker than the tier's guardrails allow.",
        why="Guardrails are what a tier promises whoever uses it. An exception belongs in a waiver or in "
        "another tier, where people look for it.",
        bad="kind: Tier\nspec:\n  guardrails: {rpo: 12h}\n---\n"
        + _POLICY
        + "objectives: {default: {rpo: 24h}}\n",
        good="kind: Tier\nspec:\n  guardrails: {rpo: 24h}\n---\n"
        + _POLICY
        + "objectives: {default: {rpo: 24h}}\n",
    ),
    RPO_UNREACHABLE: Page(
        what="No schedule can meet the recovery point objective.",
        why="The worst loss is the longest gap between runs, plus the latest start, plus the longest run. "
        "When the limits alone use up the objective, running more often does not help.",
        bad=_POLICY + "objectives: {default: {rpo: 30m}}\n  limits: {run: 30m, start: 10m}\n",
        good=_POLICY + "objectives: {default: {rpo: 30m}}\n  limits: {run: 10m, start: 5m}\n",
    ),
    INVALID_CRON: Page(
        what="Kubernetes would refuse a schedule.",
        why="The object would be rejected when it is applied, or never fire.",
        bad=_SHOP + ', schedule: {cron: "0 2 * * 7"}}\n',
        good=_SHOP + ', schedule: {cron: "0 2 * * 0"}}\n',
    ),
    UNKNOWN_ZONE: Page(
        what="A time zone is not in the time-zone database.",
        why="Kubernetes refuses a CronJob with a zone that it cannot load.",
        bad=_POLICY + "timeZone: Europe/Berln\n",
        good=_POLICY + "timeZone: Europe/Berlin\n",
    ),
    NO_EFFECT: Page(
        what="A document is read and checked but changes nothing that this release produces.",
        why="Scenarios and drill records feed the proof of a later release; it is better said than guessed.",
        bad="kind: Scenario\nmetadata: {name: fire}\n"
        "spec: {kind: physical, destroys: [zone/a], description: the room burns}\n",
        good="kind: Tier\nmetadata: {name: silver}\nspec: {}\n",
    ),
    UNRESOLVED_NAMESPACES: Page(
        what="Namespaces are chosen by pattern or label, and nothing says which namespaces exist.",
        why="Velero's selectors do not see the labels of namespaces, and before 1.18 it does not know "
        "patterns either. The compiler expands both from the cluster's `inventory`.",
        bad="kind: Cluster\nspec: {inventory: []}\n---\n"
        + _POLICY
        + "datasets:\n    - {name: shop, type: namespaces, include: ['shop-*']}\n",
        good="kind: Cluster\nspec: {inventory: [{name: shop-web}]}\n---\n"
        + _POLICY
        + "datasets:\n    - {name: shop, type: namespaces, include: ['shop-*']}\n",
    ),
    BROKEN_CHAIN: Page(
        what="A copy is made from a location that holds no copy of this dataset, or from itself.",
        why="The chain of copies has to start at the data. A copy of a copy must also say how far it may "
        "stay behind, or no loss can be computed for it.",
        bad="kind: Tier\nspec: {copies: {to: [{location: s3, from: s3, lag: 15m}]}}\n",
        good="kind: Tier\nspec: {copies: {to: [s3]}}\n",
    ),
    NOTHING_SELECTED: Page(
        what="A dataset of namespaces names none.",
        why='To Velero an empty list means all namespaces. Write `include: ["*"]` if that is meant.',
        bad=_POLICY + "datasets:\n    - {name: shop, type: namespaces}\n",
        good=_POLICY + 'datasets:\n    - {name: shop, type: namespaces, include: ["*"]}\n',
    ),
    EXPIRED_WAIVER: Page(
        what="A waiver has passed its last day.",
        why="An exception without an end is a rule nobody decided. Renew it, or mend the cause.",
        bad="kind: Waiver\nmetadata: {name: late}\nspec: {rule: copies-not-made, object: shop, "
        "reason: moving, owner: ann, expires: 2020-01-31}\n",
        good="kind: Tier\nmetadata: {name: silver}\nspec: {}\n",
    ),
    UNUSED_WAIVER: Page(
        what="A waiver waives nothing.",
        why="Either the cause is gone, and the waiver should go too, or it names the wrong object.",
        bad="kind: Waiver\nmetadata: {name: idle}\nspec: {rule: copies-not-made, object: shop, "
        "reason: moving, owner: ann, expires: 2999-01-31}\n",
        good="kind: Tier\nmetadata: {name: silver}\nspec: {}\n",
    ),
    NO_RETENTION: Page(
        what="Nothing says how long the points of a scheduled dataset are kept.",
        why="Velero would fall back on its server's default, which is not in the policy and may change.",
        bad="kind: Tier\nspec: {retention: null}\n",
        good="kind: Tier\nspec: {retention: {daily: 14}}\n",
    ),
    NO_LOCATION: Page(
        what="A dataset has nowhere to go: no copy is made straight from its data.",
        why="Velero needs a storage location. A copy of a copy cannot be the first one.",
        bad="kind: Tier\nspec: {copies: {to: []}}\n",
        good="kind: Tier\nspec: {copies: {to: [s3]}}\n",
    ),
    NO_STORAGE_CLASS: Page(
        what="It is not clear which storage class the volumes of a dataset belong to.",
        why="The driver decides how a snapshot is made, and the storage system where it lives.",
        bad="kind: Cluster\nspec: {storageClasses: []}\n---\n"
        + _POLICY
        + "datasets:\n    - {name: m, type: volumes, claims: {namespace: media, names: [m]}}\n",
        good=_POLICY
        + "datasets:\n    - {name: m, type: volumes, claims: {namespace: media, names: [m]}}\n",
    ),
}
