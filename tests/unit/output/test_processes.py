from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def hurry(*arguments):
    script = Path(__file__).with_name("hurry.py")
    done = subprocess.run(  # noqa: PLW1510  # the assertion shows what it said
        [sys.executable, script, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_builds_killed_at_random_moments_leave_a_tree_that_repairs_itself(root):
    hurry("kill", root, 50)


def test_of_builds_that_start_together_one_works_at_a_time_and_the_others_are_told(root):
    rounds = hurry("race", root, 8, 6).splitlines()
    assert len(rounds) == 6
    assert any(int(line.split()[1]) > 0 for line in rounds)


def test_a_limit_on_file_sizes_is_reported_and_costs_nothing(root):
    assert "ulimit -f" in hurry("limit", root)
