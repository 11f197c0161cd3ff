from __future__ import annotations

import pytest

from bpc.rules.too_many_points import check
from tests.estates import estate

POLICY = """
kind: BackupPolicy
spec:
  timeZone: Europe/Berlin
  datasets:
    - name: shop
      type: namespaces
      include: [shop]
      schedule: {cron: "30 1,2,3 * * *"}
      objectives: {default: {rpo: 30h}}
"""


@pytest.mark.parametrize(("days", "found"), [(160, 0), (180, 1)])
def test_one_night_of_a_clock_change_does_not_stand_for_all_nights(days: int, found: int) -> None:
    plan = estate(f"{POLICY}  retention: {{daily: {days}}}\n").policies[0]
    messages = [each.message for each in check(plan)]
    assert len(messages) == found
    assert all("541 points" in message or "542 points" in message for message in messages)
