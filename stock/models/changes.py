"""What others follow: the variants whose availability may have changed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from stock.models.catalogue import Variant


class Xid8Field(models.Field):
    """A 64-bit transaction id of PostgreSQL, an int in Python."""

    description = "transaction id"

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None or hasattr(value, "resolve_expression") else str(value)


class AvailabilityChange(models.Model):
    """A variant's availability may have changed in transaction `xid`. Written by triggers on the levels.

    Read in the order (xid, id), and only below the oldest transaction still running: a later
    commit can then never appear behind a reader's cursor. Only a variant's latest row is needed.
    """

    xid = Xid8Field(db_default=Func(function="pg_current_xact_id"))
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("availability change")
        verbose_name_plural = _("availability changes")
        ordering = ["xid", "id"]
        indexes = [
            models.Index(fields=["xid", "id"], name="stock_availabilitychange_order"),
            # A summary asks whether anything of its variant came since.
            models.Index(fields=["variant", "xid"], name="stock_change_of_variant"),
        ]

    def __str__(self) -> str:
        return f"{self.xid}/{self.pk}"
