"""Words and tones of orders' states for templates."""

from __future__ import annotations

from typing import Final

from django import template

from oms.orchestration.triggers import told_trigger
from orders import wording
from orders.states import OperationState

register = template.Library()

# Whatever is not named here is on its way and calls for nothing.
_TONES: Final = {
    "ok": {"fulfilled", "delivered", "collected", "shipped", "completed", "captured", "closed", "succeeded", "met"},
    "warn": {
        "pending_payment",
        "offered",
        "backordered",
        "label_pending",
        "unknown",
        "pending",
        "ready_for_pickup",
        "met_late",
    },
    "danger": {"unfillable", "failed", "exception", "lost", "returned_to_sender", "expired", "missed"},
    "quiet": {"cancelled", "declined", "short_picked", "voided", "refunded", "ended"},
}
_ICONS: Final = {"ok": "check_circle", "warn": "schedule", "danger": "error", "quiet": "block", "info": "sync"}


@register.filter
def tone(state: str) -> str:
    """`ok`, `warn`, `danger`, `quiet` or `info`."""
    return next((tone for tone, states in _TONES.items() if state in states), "info")


@register.filter
def tone_icon(state: str) -> str:
    return _ICONS[tone(state)]


@register.filter
def reason(code: str) -> str:
    return wording.reason(code)


@register.filter
def trigger(code: str) -> str:
    return told_trigger(code)


@register.filter
def payment_method(code: str) -> str:
    return wording.payment_method(code)


@register.filter
def gateway_name(code: str) -> str:
    return wording.gateway(code)


@register.filter
def operation_state(code: str) -> str:
    return str(OperationState(code).label)


@register.filter
def carrier_name(code: str) -> str:
    return wording.carrier(code)


@register.filter
def service_name(code: str) -> str:
    return wording.service(code)


@register.filter
def tracking(code: str) -> str:
    return wording.tracking(code)


@register.filter
def attention(text: str) -> str:
    return wording.attention(text)
