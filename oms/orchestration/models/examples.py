"""Example orders of a rule set, with what should become of each."""

from typing import Self

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.orchestration.models.rule_sets import RuleSet

SHIPPED = "shipped"


class ExampleOrderQuerySet(models.QuerySet["ExampleOrder"]):
    def visible_to(self, access: Access) -> Self:
        """As their rule sets: who is bound to a part of the network sees none."""
        return self if access.is_unlimited else self.none()


class ExampleOrder(models.Model):
    """`facts`: everything its decision rests on, compressed; `expected`: as `examples.Outcome` writes it."""

    rule_set = models.ForeignKey(RuleSet, verbose_name=_("rule set"), on_delete=models.PROTECT, related_name="examples")
    name = models.CharField(_("name"), max_length=200)
    facts = models.BinaryField(_("facts"))
    expected = models.JSONField(_("expected"))
    origin = models.CharField(_("made from"), max_length=80)
    edited_at = models.DateTimeField(_("edited at"))
    edited_by = models.CharField(_("edited by"), max_length=128)

    objects = ExampleOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("example order")
        verbose_name_plural = _("example orders")
        ordering = ["rule_set", "id"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "name"], name="orchestration_example_order_name_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Its name; of one that came with the product, in the reader's language."""
        return gettext(self.name) if self.origin == SHIPPED else self.name
