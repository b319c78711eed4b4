"""A document in its natural order and on few lines."""

import json

from oms.orchestration.documents import ordered, readable
from oms.orchestration.services.rule_sets import complete_document
from tests.orchestration.builders import a_document


def shuffled(value):
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def test_keys_come_back_in_the_order_of_the_contract():
    complete = complete_document(code="web-home", document=a_document())
    again = ordered(shuffled(complete))
    assert json.dumps(again) == json.dumps(complete)
    assert list(again)[:5] == ["code", "name", "priority", "applies_to", "rules"]


def test_readable_text_is_the_same_document_on_short_lines():
    rules = [{"name": name, "filters": {"stock_points": [f"point-{n}" for n in range(40)]}} for name in ("a", "b")]
    complete = complete_document(code="web-home", document=a_document(rules=rules))
    text = readable(complete)
    assert json.loads(text) == complete
    assert max(map(len, text.splitlines())) <= 130
    assert '"when_nothing_fits": {"action": "queue", "cancel_after_days": null}' in text
    assert len(readable(complete_document(code="web-home", document=a_document())).splitlines()) < 40


def test_small_values_stay_on_one_line():
    assert readable({"a": [1, "é"], "b": {}, "c": None, "d": True}) == '{"a": [1, "é"], "b": {}, "c": null, "d": true}'
