"""What references to returns look like to people."""

from collections.abc import Mapping

from django.urls import reverse

from oms.core.queries.references import Reference, name_references
from returns.models import Return


def _returns(numbers: list[str]) -> Mapping[str, Reference]:
    found = Return.objects.filter(number__in=numbers).values_list("number", "pk")
    return {number: Reference(number, reverse("admin:returns_return_change", args=[pk])) for number, pk in found}


name_references("return", _returns)
