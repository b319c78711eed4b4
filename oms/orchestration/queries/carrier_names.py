"""What carriers and their services are called where people read, not programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst

from oms.core.remembering import once_per_request
from oms.orchestration.models import CarrierService


@dataclass(frozen=True, slots=True)
class CarrierNames:
    """Names by code. A service is known by its own code, and by its carrier's before it where several have that."""

    carriers: Mapping[str, str]
    services: Mapping[str, str]


@once_per_request
def carrier_names() -> CarrierNames:
    """Of every carrier and service that was given a name."""
    rows = list(
        CarrierService.objects.order_by("carrier", "service").values_list(
            "carrier", "service", "carrier_name", "service_name"
        )
    )
    shared = Counter(service for _, service, _, _ in rows)
    carriers = {carrier: name for carrier, _, name, _ in rows if name}
    services: dict[str, str] = {}
    for carrier, service, _, name in rows:
        own = f"{carrier}/{service}"[:60]
        if shared[service] > 1:
            services[own] = f"{carriers.get(carrier) or from_code(carrier)} · {name or from_code(service)}"
        elif name:
            services[service] = services[own] = name
    return CarrierNames(carriers, services)


def from_code(code: str) -> str:
    """A code as it can be read: `blue-van/next_day` is “Blue van · Next day”."""
    parts = code.replace("-", " ").replace("_", " ").split("/")
    return " · ".join(str(capfirst(part)) for part in parts)
