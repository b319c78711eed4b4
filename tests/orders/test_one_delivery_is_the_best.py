"""At most one card is the cheapest, one the fastest, one the greenest; of equals the one that is better otherwise."""

from __future__ import annotations

from typing import Any

from orders.services.quoting import _flag


def option(mode: str, *, price: str = "5.00", on: str = "2026-12-03", co2e_g: int = 400) -> dict[str, Any]:
    days = {"promised_from": on, "promised_on": on}
    return {"mode": mode, "choice": "whole", "price": price, "co2e_g": co2e_g, **days}


def flagged(*options: dict[str, Any]) -> dict[str, list[str]]:
    _flag(list(options))
    flags = ("is_cheapest", "is_fastest", "is_greenest")
    return {flag: [each["mode"] for each in options if each[flag]] for flag in flags}


def test_of_two_free_ones_it_is_the_sooner() -> None:
    told = flagged(
        option("home", price="0.00", on="2026-12-04"),
        option("pickup", price="0.00", on="2026-12-02"),
        option("express", price="9.90", on="2026-12-02"),
    )
    assert told == {"is_cheapest": ["pickup"], "is_fastest": ["pickup"], "is_greenest": []}


def test_where_all_are_alike_none_is() -> None:
    alike = flagged(option("home"), option("slot"))
    assert alike == {"is_cheapest": [], "is_fastest": [], "is_greenest": []}


def test_what_reads_alike_is_alike() -> None:
    assert flagged(option("home", co2e_g=401), option("slot", co2e_g=399))["is_greenest"] == []
    assert flagged(option("home", co2e_g=401), option("slot", co2e_g=350))["is_greenest"] == ["slot"]


def test_what_is_put_aside_is_compared_with_nothing() -> None:
    told = flagged(option("e_reservation", price="0.00", on="2026-12-01"), option("pickup"), option("home", co2e_g=9))
    assert told == {"is_cheapest": [], "is_fastest": [], "is_greenest": ["home"]}


def test_one_alone_is_everything() -> None:
    assert flagged(option("home")) == {"is_cheapest": ["home"], "is_fastest": ["home"], "is_greenest": ["home"]}
