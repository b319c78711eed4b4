"""The end of every story: whatever happened, what must always be true still is."""

from oms.core.invariants import REGISTRY, violations


def assert_invariants_hold() -> None:
    """As `manage.py check_invariants`, over all registered invariants, and there must be some."""
    assert REGISTRY, "no invariant is registered"
    assert [f"{found.invariant}: {found.detail}" for found in violations()] == []
