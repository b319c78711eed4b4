"""A form sent twice with different contents: refused, with the way back to its page."""

from __future__ import annotations

import uuid

from tests.store.making import PREPARE, Shop, send


def test_the_same_key_for_something_else_does_nothing_and_leads_back(shop: Shop) -> None:
    work, key = shop.offer({"shirt": 2}), str(uuid.uuid4())
    address = f"{PREPARE}{work['id']}/decline/"
    send(shop.tablet, address, {"reason": "nonsense"}, key=key)
    answer = shop.tablet.post(
        address,
        {"reason": "closed", "action_key": key},
        headers={"Referer": f"http://testserver{address}"},
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This form was sent before" in page
    assert f'href="http://testserver{address}"' in page
    assert shop.work(work["order"])["state"] == "offered"


def test_nobody_is_led_to_another_site(shop: Shop) -> None:
    key = str(uuid.uuid4())
    send(shop.tablet, f"{PREPARE}accept/", key=key)
    answer = shop.tablet.post(
        f"{PREPARE}accept/", {"work": "1", "action_key": key}, headers={"Referer": "https://evil.example/"}
    )
    assert answer.status_code == 422
    assert "evil" not in answer.content.decode()
