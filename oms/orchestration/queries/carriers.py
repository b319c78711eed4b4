"""Whose services they are."""

from oms.orchestration.models import CarrierService
from oms.sourcing.house import SERVICE as HOUSE


def carrier_of(service: str) -> str:
    """The carrier of a planned service, which is named alone or after its carrier; the house for its own, and for
    one that is gone."""
    if service == HOUSE:
        return HOUSE
    carrier, slash, name = service.partition("/")
    rows = CarrierService.objects.filter(carrier=carrier, service=name) if slash else CarrierService.objects.none()
    found = rows.first() or CarrierService.objects.filter(service=service).order_by("carrier").first()
    return found.carrier if found else HOUSE


def is_carrier(name: str) -> bool:
    return CarrierService.objects.filter(carrier=name).exists()
