"""Why a slice ended or a work was taken back: each reason that the services give is told in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import override

from oms.core.translating.catalogues import PROJECT_ROOT
from orders.wording import REASONS, reason

SERVICES = sorted((PROJECT_ROOT / "orders" / "services").glob("*.py"))


def constants(trees: list[ast.Module]) -> dict[str, str]:
    return {
        target.id: node.value.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def given(tree: ast.Module) -> Iterator[ast.expr]:
    """What is handed to a parameter called `reason`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            yield node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "take_back_works":
            yield node.args[1]


def codes() -> set[str]:
    trees = [ast.parse(Path(path).read_text()) for path in SERVICES]
    named = constants(trees)
    found = set()
    for tree in trees:
        for value in given(tree):
            for node in ast.walk(value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
                # A module's own constant; several have one called TRIGGER.
                elif isinstance(node, ast.Name) and (own := {**named, **constants([tree])}.get(node.id)):
                    found.add(own)
    return {code for code in found if code.isidentifier()}


def test_in_both_languages() -> None:
    found = codes()
    assert {"changed", "payment_refused", "withdrawn", "by_hand"} <= found
    assert found - REASONS.keys() == set()
    with override("fr"):
        assert [code for code in found if reason(code) == code] == []
