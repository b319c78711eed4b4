"""What references to people and programs look like to people."""

from collections.abc import Mapping

from django.urls import reverse

from oms.core.models import ApiClient, User
from oms.core.queries.references import Reference, name_references


def _people(keys: list[str]) -> Mapping[str, Reference]:
    found = User.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {
        str(user.pk): Reference(
            user.get_full_name() or user.get_username(), reverse("admin:core_user_change", args=[user.pk])
        )
        for user in found
    }


def _programs(names: list[str]) -> Mapping[str, Reference]:
    found = ApiClient.objects.filter(name__in=names).values_list("name", "pk")
    return {name: Reference(name, reverse("admin:core_apiclient_change", args=[pk])) for name, pk in found}


name_references("user", _people)
name_references("client", _programs)
