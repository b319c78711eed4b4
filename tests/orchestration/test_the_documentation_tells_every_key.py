"""docs/rule-sets.md names every key of the document and every finding; its example is a valid rule set."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from oms.orchestration.services.rule_sets import complete_document

TEXT = (Path(settings.BASE_DIR) / "docs" / "rule-sets.md").read_text()


def keys_of(value) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


@pytest.fixture
def complete():
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    return complete_document(code="web-home", document=json.loads(example))


def test_the_example_is_valid_and_every_key_is_told(complete):
    told = set(re.findall(r"[a-z_]+", TEXT))
    assert keys_of(complete) - told == set()
    assert len(keys_of(complete)) > 40


def test_every_finding_is_told():
    queries = Path(settings.BASE_DIR) / "oms/orchestration/queries"
    source = "".join(path.read_text() for path in sorted(queries.glob("lint*.py")))
    codes = set(re.findall(r'Finding\([^,]+, "([a-z_]+)"', source)) | {"no_fallback"}
    assert {
        "matches_nothing",
        "unreachable",
        "overruled",
        "overrules",
        "objective_cannot_matter",
        "no_fallback",
    } <= codes
    assert [code for code in sorted(codes) if f"`{code}`" not in TEXT] == []
