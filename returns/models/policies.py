"""What a banner takes back, from whom, and what it does with it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.states import AllocationState
from returns.states import DispositionKind, Grade

# A last scan is often lost: goods in the customer's hands were delivered, whatever the carrier told.
_RETURNABLE = [AllocationState.SHIPPED, AllocationState.DELIVERED, AllocationState.COLLECTED]


def default_states() -> list[str]:
    return [state.value for state in _RETURNABLE]


def every_grade() -> list[str]:
    return list(Grade.values)


class Payer(models.TextChoices):
    RETAILER = "retailer", _("The retailer")
    CUSTOMER = "customer", _("The customer")


class ShippingRefund(models.TextChoices):
    NEVER = "never", _("Never")
    WHOLE_ORDER = "whole_order", _("When the whole order comes back")


class Destination(models.TextChoices):
    """What a policy says of a grade; `where_needed` is decided by the network's stock."""

    SHELF = DispositionKind.SHELF.value, DispositionKind.SHELF.label
    WHERE_NEEDED = "where_needed", _("To a store that lacks it, else onto this shelf")
    WAREHOUSE = DispositionKind.WAREHOUSE.value, DispositionKind.WAREHOUSE.label
    REPAIR = DispositionKind.REPAIR.value, DispositionKind.REPAIR.label
    DESTROY = DispositionKind.DESTROY.value, DispositionKind.DESTROY.label


class ReturnPolicy(models.Model):
    """The rules of one banner, or (without banner) of all that have none of their own.

    The defaults below are the rules where nobody has written any.
    """

    banner = models.OneToOneField(
        "stock.Banner",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: for every banner without a policy of its own."),
    )
    window_days = models.PositiveIntegerField(
        _("window in days"), default=30, help_text=_("Counted from delivery or collection; the last day counts.")
    )
    transit_days = models.PositiveIntegerField(
        _("days on the way"),
        default=10,
        help_text=_("Where no carrier told of the delivery, the window is counted from so many days after sending."),
    )
    eligible_states = ArrayField(
        models.CharField(max_length=20, choices=[(state.value, state.label) for state in _RETURNABLE]),
        default=default_states,
        help_text=_("Units in these states may be returned."),
    )
    excluded_categories = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, help_text=_("Categories that are not taken back.")
    )
    refunded_grades = ArrayField(
        models.CharField(max_length=20, choices=Grade),
        default=every_grade,
        help_text=_("What comes back in another condition is not refunded."),
    )
    needs_authorisation = models.BooleanField(
        default=False, help_text=_("What is sent by post waits until customer service says yes.")
    )
    send_within_days = models.PositiveIntegerField(
        default=30, help_text=_("A return whose goods have not come by then expires.")
    )
    return_shipping_paid_by = models.CharField(max_length=10, choices=Payer, default=Payer.RETAILER)
    return_shipping_fee = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text=_("Taken off the refund of what comes by post, where the customer pays."),
    )
    refunds_shipping = models.CharField(
        _("refunds the delivery's price"), max_length=20, choices=ShippingRefund, default=ShippingRefund.WHOLE_ORDER
    )
    postal_stock_point = models.ForeignKey(
        "stock.StockPoint",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Where returns by post go; empty: back to where the goods were sent from."),
    )
    new_goes_to = models.CharField(max_length=20, choices=Destination, default=Destination.SHELF)
    opened_goes_to = models.CharField(max_length=20, choices=Destination, default=Destination.SHELF)
    damaged_goes_to = models.CharField(max_length=20, choices=Destination, default=Destination.REPAIR)
    unsellable_goes_to = models.CharField(max_length=20, choices=Destination, default=Destination.DESTROY)

    class Meta:
        verbose_name = _("return policy")
        verbose_name_plural = _("return policies")
        ordering = ["banner_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["banner"],
                nulls_distinct=False,
                name="return_policy_once_per_banner",
            ),
            models.CheckConstraint(condition=Q(return_shipping_fee__gte=0), name="return_policy_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return self.banner.name if self.banner else str(_("Every other banner"))

    def destination_of(self, grade: str) -> str:
        """What the policy says of a grade."""
        return str(getattr(self, f"{grade}_goes_to"))


class ReturnReason(models.Model):
    """Why a customer gives something back, as this policy's customers may say it."""

    policy = models.ForeignKey(ReturnPolicy, on_delete=models.CASCADE, related_name="reasons")
    code = models.SlugField(max_length=40)
    labels = models.JSONField(default=dict, help_text=_('By language: {"en": "Too small", "fr": "Trop petit"}.'))
    position = models.PositiveSmallIntegerField(default=0)
    is_retailers_fault = models.BooleanField(
        default=False, help_text=_("Then the customer never pays for sending it back.")
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("return reason")
        verbose_name_plural = _("return reasons")
        ordering = ["policy_id", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "code"], name="return_reason_code_once_per_policy"),
        ]

    def __str__(self) -> str:
        return self.code

    def label_in(self, language: str) -> str:
        """In the language, else in English, else the code."""
        found = self.labels.get(language[:2]) or self.labels.get("en") or self.code
        return str(found)
