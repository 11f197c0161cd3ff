from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        ("Role", {"rules|0|verbs": ["*"]}, "rules/0/verbs: wildcards"),
        ("Role", {"rules|0|resources": ["pods", "*"]}, "rules/0/resources: wildcards"),
        ("Role", {"rules|0|resources": ["*/exec"]}, "rules/0/resources: wildcards"),
        ("Role", {"rules|0|apiGroups": ["*"]}, "rules/0/apiGroups: wildcards"),
        (
            "ClusterRole",
            {"rules": [{"nonResourceURLs": ["*"], "verbs": ["get"]}]},
            "nonResourceURLs: wild",
        ),
        ("Role", {"rules|0|verbs": ["bind"]}, "`bind` lets its holder become anybody"),
        ("Role", {"rules|0|verbs": ["escalate"]}, "`escalate` lets"),
        ("ClusterRole", {"rules|0|verbs": ["impersonate"]}, "`impersonate` lets"),
        ("ClusterRole", {"rules|0|resources": ["secrets"]}, "the secrets of every namespace"),
        ("RoleBinding", {"roleRef|name": "cluster-admin"}, "`cluster-admin` grants far more"),
        ("ServiceAccount", {"automountServiceAccountToken": ...}, "missing field `automount"),
        ("NetworkPolicy", {"spec|policyTypes": ...}, "spec/policyTypes: must name"),
        ("NetworkPolicy", {"spec|policyTypes": []}, "spec/policyTypes: must name"),
        ("NetworkPolicy", {"spec|policyTypes": ["egress"]}, "spec/policyTypes: must name"),
    ],
)
def test_what_gives_away_too_much_is_a_fault(
    kind: str, changes: dict[str, Any], fault: str, edited: Any, check: Any
) -> None:
    faults = check(edited(kind, changes))
    assert len(faults) == 1
    assert fault in faults[0]


def test_a_role_may_read_the_secrets_of_its_own_namespace(edited: Any, check: Any) -> None:
    rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["x"], "verbs": ["get"]}
    assert check(edited("Role", {"rules": [rule]})) == []
