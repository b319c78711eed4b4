"""Where payments are real, the gateways that only pretend do not exist."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODES = "from orders.gateways import is_known; print([is_known(c) for c in ('simulated', 'simulated_terminal')])"
PRODUCTION = {"DEBUG": "0", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "halles.example"}


@pytest.mark.parametrize(
    ("environment", "known"),
    [({}, "[True, True]"), (PRODUCTION, "[False, False]")],
    ids=["demonstration", "production"],
)
def test_they_are_only_there_where_nothing_is_real(environment: dict[str, str], known: str) -> None:
    code = f"import django; django.setup(); {CODES}"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "oms.settings"} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip().splitlines()[-1] == known
