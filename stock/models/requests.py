"""Wishes that wait to be answered together with others for the same units."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.states import ReservationState


class ReservationRequest(models.Model):
    """Units of a level of an article that many want at once (`Variant.is_hot`), asked for and not answered yet.

    Its id is that of the reservation it becomes: it goes in the transaction that makes the reservation, and where it
    goes without one it was refused. The table is not logged: after a crash of the server nobody waits any more. No
    foreign keys: it holds what is asked, and is judged when it is answered.
    """

    id = models.BigIntegerField(primary_key=True)
    variant_id = models.BigIntegerField()
    stock_point_id = models.BigIntegerField()
    channel_id = models.BigIntegerField(null=True)
    owner = models.CharField(max_length=120)
    quantity = models.IntegerField()
    state = models.CharField(max_length=12, choices=ReservationState)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    down_to_zero = models.BooleanField()
    is_first = models.BooleanField(help_text=_("Refused where its owner holds anything yet."))
    backend = models.IntegerField(help_text=_("The server's process that waits for the answer."))
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reservation request")
        verbose_name_plural = _("reservation requests")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.owner
