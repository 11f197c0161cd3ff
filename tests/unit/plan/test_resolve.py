from __future__ import annotations

import pytest

from bpc.plan.estate import Uses
from tests.estates import BASE, estate

POLICY = "kind: BackupPolicy\nspec:\n"


def shop(rest: str) -> str:
    return f"{POLICY}  datasets:\n    - {{name: shop, type: namespaces, include: [shop], {rest}}}\n"


def test_the_base_estate_resolves_without_a_finding() -> None:
    found = estate()
    assert found.findings == []
    (dataset,) = found.datasets.values()
    assert dataset.subject == "shop/shop"
    assert dataset.namespaces == ("shop",)
    assert [copy.location.name for copy in dataset.copies] == ["s3"]
    assert found.clusters["prod"].uses == Uses(velero=True, move=True)


def test_auto_leaves_room_for_a_late_start_and_a_long_run() -> None:
    # 6 h less 30 min to run, 10 min to start and Velero's minute leaves 5 h 19 min.
    (rung,) = estate().datasets["shop/shop"].rungs
    assert rung.cron.split()[1].endswith("/4")


def test_each_cluster_writes_to_a_folder_of_its_own() -> None:
    (location,) = estate("kind: Location\nspec: {prefix: team}\n").clusters["prod"].locations
    assert location.prefix == "team/prod"


def test_a_filled_location_has_the_folder_of_its_source_and_is_never_written() -> None:
    second = """
        kind: Location
        metadata: {name: far}
        spec:
          type: s3
          bucket: far
          prefix: elsewhere
          site: {provider: aws, region: us-east-1, account: backup, realm: backup-admins}
          medium: object-store
        ---
        kind: Tier
        spec: {copies: {to: [s3, {location: far, from: s3, lag: 15m}]}}
        """
    found = estate(second)
    locations = {each.name: each for each in found.clusters["prod"].locations}
    assert locations["far"].read_only
    assert locations["far"].prefix == locations["s3"].prefix == "prod"
    assert locations["s3"].default
    copies = found.datasets["shop/shop"].copies
    assert [bool(copy.rungs) for copy in copies] == [True, False]


def test_the_dataset_wins_over_policy_cluster_and_tier() -> None:
    changes = """
        kind: Tier
        spec: {limits: {run: 10m, start: 1m}}
        ---
        kind: Cluster
        spec: {defaults: {limits: {run: 20m, start: 2m}}}
        ---
        kind: BackupPolicy
        spec:
          limits: {run: 30m}
          datasets:
            - {name: shop, type: namespaces, include: [shop], limits: {run: 40m}}
        """
    dataset = estate(changes).datasets["shop/shop"]
    assert (dataset.run_limit, dataset.start_limit) == (2_400, 120)
    chain = [origin.source for origin in dataset.origins["limits.run"]]
    assert chain == ["dataset shop", "policy shop", "cluster prod", "tier gold"]
    assert dataset.origins["limits.start"][0].source == "cluster prod"
    where = dataset.origins["limits.run"][0].where
    assert where is not None
    assert where.pointer == ("spec", "datasets", 0, "limits", "run")


def test_objectives_merge_by_scenario_and_field() -> None:
    changes = "kind: Tier\nspec: {objectives: {region-loss: {rto: 24h}}}\n---\n" + shop(
        "objectives: {region-loss: {rpo: 12h}}"
    )
    objectives = estate(changes).datasets["shop/shop"].objectives
    assert (objectives["region-loss"].rpo, objectives["region-loss"].rto) == (43_200, 86_400)
    assert (objectives["default"].rpo, objectives["default"].rto) == (21_600, 14_400)


def test_a_copy_with_its_own_rhythm_and_retention() -> None:
    changes = (
        "kind: Tier\nspec: {copies: {to: [{location: s3, every: 1d, retention: {daily: 30}}]}}"
    )
    (copy,) = estate(changes).datasets["shop/shop"].copies
    (rung,) = copy.rungs
    assert (rung.name, rung.points, rung.keep) == ("daily", 30, 30 * 86_400)
    assert rung.cron.endswith("* * *")


def test_a_dataset_that_waits_starts_after_the_other() -> None:
    changes = """
kind: BackupPolicy
spec:
  datasets:
    - {name: second, type: namespaces, include: [shop], after: [first]}
    - {name: first, type: namespaces, include: [media]}
"""
    datasets = estate(changes).datasets
    first, second = datasets["shop/first"].slot, datasets["shop/second"].slot
    assert (second.hour * 60 + second.minute - first.hour * 60 - first.minute) % 1440 == 10


def test_a_held_dataset_has_no_times() -> None:
    dataset = estate(shop("heldBy: {who: provider, evidence: contract}")).datasets["shop/shop"]
    assert dataset.rungs == ()
    assert all(copy.rungs == () for copy in dataset.copies)


def test_policies_choose_clusters_by_label() -> None:
    changes = """
        kind: Cluster
        metadata: {labels: {env: prod}}
        ---
        kind: BackupPolicy
        spec: {clusters: {matchLabels: {env: prod}}}
        """
    assert [plan.cluster.name for plan in estate(changes).policies] == ["prod"]


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "words"),
    [
        (f"{POLICY}  tier: glod\n", "unknown-reference", ("spec", "tier"), "did you mean `gold`?"),
        (f"{POLICY}  clusters: [prd]\n", "unknown-reference", ("spec", "clusters", 0), "prod"),
        (
            "kind: Tier\nspec: {copies: {to: [s4]}}\n",
            "unknown-reference",
            ("spec", "copies", "to", 0, "location"),
            "s3",
        ),
        (
            shop("objectives: {regionloss: {rpo: 9h}}"),
            "unknown-reference",
            ("spec", "datasets", 0, "objectives", "regionloss"),
            "region-loss",
        ),
        (shop("after: [nobody]"), "unknown-reference", ("spec", "datasets", 0, "after", 0), ""),
        (f"{POLICY}  clusters: []\n", "no-cluster-selected", ("spec", "clusters"), ""),
        (
            shop("limits: {run: 6h}"),
            "rpo-unreachable",
            ("spec", "datasets", 0, "schedule"),
            "limits.run",
        ),
        (
            shop('schedule: {cron: "0 2 * * 7"}'),
            "invalid-cron",
            ("spec", "datasets", 0, "schedule", "cron"),
            "0-6",
        ),
        (
            shop("timeZone: Europe/Berln"),
            "unknown-time-zone",
            ("spec", "datasets", 0, "timeZone"),
            "",
        ),
        (shop("copies: {to: []}"), "no-location", ("spec", "datasets", 0), "copies.to"),
        (
            "kind: Tier\nspec: {retention: null}\n",
            "retention-missing",
            ("spec", "datasets", 0),
            "daily",
        ),
        (
            "kind: Tier\nspec: {copies: {to: [{location: s3, from: s3, lag: 1m}]}}\n",
            "copy-chain-broken",
            ("spec", "copies", "to", 0, "from"),
            "",
        ),
        (
            "kind: Tier\nspec: {copies: {to: [{location: s3, lag: 1m}]}}\n",
            "copy-chain-broken",
            ("spec", "copies", "to", 0, "lag"),
            "from",
        ),
    ],
)
def test_what_does_not_fit_is_found_where_it_was_written(
    changes: str, code: str, pointer: tuple[object, ...], words: str
) -> None:
    found = [finding for finding in estate(changes).findings if finding.code.name == code]
    assert [finding.where.pointer for finding in found] == [pointer]
    assert words in found[0].help


def test_guardrails_name_both_places() -> None:
    changes = "kind: Tier\nspec: {guardrails: {rpo: 3h, retention: 30d, copies: 2}}\n"
    found = [f for f in estate(changes).findings if f.code.name == "guardrail-weakened"]
    assert [finding.related[0][0].pointer[-1] for finding in found] == [
        "rpo",
        "retention",
        "copies",
    ]


def test_a_circle_of_datasets_is_found_once() -> None:
    changes = """
kind: BackupPolicy
spec:
  datasets:
    - {name: a, type: namespaces, include: [shop], after: [b]}
    - {name: b, type: namespaces, include: [media], after: [a]}
"""
    assert estate(changes).names.count("order-cycle") == 1


def test_two_documents_of_one_name_are_found_with_both_places() -> None:
    second = "kind: Tier\nmetadata: {name: silver}\nspec: {}\n---\n"
    twice = estate(second, base=estate_text_with_two_tiers())
    (finding,) = [f for f in twice.findings if f.code.name == "duplicate-name"]
    assert finding.related[0][0].document != finding.where.document


def estate_text_with_two_tiers() -> str:
    tier = "---\napiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\nspec: {}\n"
    return BASE + tier
