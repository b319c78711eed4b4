"""Where postcodes are."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access


class PostcodeQuerySet(models.QuerySet["Postcode"]):
    def visible_to(self, access: Access) -> Self:
        """Where postcodes are is everybody's."""
        return self


class Postcode(models.Model):
    """The middle of a postcode's area, in degrees. `postcode` is stored as `normalised` writes it."""

    country = models.CharField(_("country"), max_length=2)
    postcode = models.CharField(_("postcode"), max_length=16)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))

    objects = PostcodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("postcode")
        verbose_name_plural = _("postcodes")
        ordering = ["country", "postcode"]
        constraints = [
            models.UniqueConstraint(fields=["country", "postcode"], name="orchestration_postcode_country_unique"),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="orchestration_postcode_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.postcode}"

    @staticmethod
    def normalised(postcode: str) -> str:
        """Upper case without spaces: `sw1a 1aa` and `SW1A1AA` are one place."""
        return "".join(postcode.split()).upper()
