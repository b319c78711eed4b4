"""Payment gateways: one file per plug-in, found by the code an order's payment names."""

from __future__ import annotations

from django.conf import settings

from oms.core.errors import Invalid
from orders.gateways.protocol import Gateway
from orders.gateways.simulated import SimulatedGateway
from orders.gateways.terminal import SimulatedTerminal

_GATEWAYS: dict[str, Gateway] = {}


def register(gateway: Gateway) -> None:
    _GATEWAYS[gateway.code] = gateway


def is_known(code: str) -> bool:
    return code in _GATEWAYS


def gateway_for(code: str) -> Gateway:
    """Raises `Invalid` where no plug-in has this code."""
    found = _GATEWAYS.get(code)
    if found is None:
        raise Invalid(f"There is no payment gateway {code}.", errors={"payments": [f"Unknown gateway: {code}."]})
    return found


# Whoever holds a payment link could "pay" with it: simulated money is for demonstrations and tests alone.
if settings.SIMULATED_PAYMENTS:
    register(SimulatedGateway())
    register(SimulatedTerminal())
