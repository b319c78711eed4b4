"""Rule sets and their numbered versions: what merchandisers write, what decisions are made by."""

from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from oms.orchestration.states import VERSION_MOVES, VersionState


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, access: Access) -> Self:
        """Rule sets decide for the whole network: who is bound to a part of it sees none of them."""
        return self if access.is_unlimited else self.none()

    def locked(self, code: str) -> "RuleSet | None":
        """The rule set of this code, locked: every change of its versions goes through this row."""
        return self.select_for_update(no_key=True).filter(code=code).first()


class RuleSet(models.Model):
    """`name` and `priority` are those of the version in force, else of the latest draft."""

    code = models.CharField(_("code"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    priority = models.IntegerField(_("priority"), default=100, help_text=_("The lowest decides first."))
    published_version = models.ForeignKey(
        "orchestration.RuleSetVersion",
        verbose_name=_("published version"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        ordering = ["priority", "code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="orchestration_rule_set_code_unique")]
        permissions = [
            ("publish_ruleset", _("Can publish a rule set or roll it back")),
            ("override_examples", _("Can publish a rule set although an example order fails")),
        ]

    def __str__(self) -> str:
        return self.code


class RuleSetVersionQuerySet(models.QuerySet["RuleSetVersion"]):
    def visible_to(self, access: Access) -> Self:
        return self if access.is_unlimited else self.none()


class RuleSetVersion(models.Model):
    """One document. It is edited while a draft and never again: runs point to it by number.

    `effective_at` is when a scheduled version is to take effect, and when a published one did.
    """

    rule_set = models.ForeignKey(RuleSet, verbose_name=_("rule set"), on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("document"), encoder=DjangoJSONEncoder)
    state = models.CharField(_("state"), max_length=16, choices=VersionState.choices, default=VersionState.DRAFT)
    effective_at = models.DateTimeField(_("effective at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    edited_at = models.DateTimeField(_("edited at"))
    edited_by = models.CharField(_("edited by"), max_length=128)
    published_by = models.CharField(_("published by"), max_length=128, blank=True, default="")

    objects = RuleSetVersionQuerySet.as_manager()
    moves = VERSION_MOVES

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["rule_set", "-number"]
        constraints = [
            LegalMoves(VERSION_MOVES, name="orchestration_rule_set_version_legal_moves"),
            models.UniqueConstraint(fields=["rule_set", "number"], name="orchestration_rule_set_version_number_unique"),
            models.UniqueConstraint(
                fields=["rule_set"],
                condition=Q(state=VersionState.PUBLISHED),
                name="orchestration_rule_set_version_one_published",
            ),
            models.UniqueConstraint(
                fields=["rule_set"],
                condition=Q(state=VersionState.DRAFT),
                name="orchestration_rule_set_version_one_draft",
            ),
            models.UniqueConstraint(
                fields=["rule_set", "effective_at"],
                condition=Q(state=VersionState.SCHEDULED),
                name="orchestration_rule_set_version_one_per_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="orchestration_rule_set_version_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VersionState.SCHEDULED, VersionState.PUBLISHED])
                | Q(effective_at__isnull=False),
                name="orchestration_rule_set_version_effective_when_published",
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_at"], condition=Q(state=VersionState.SCHEDULED), name="rule_set_version_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set.code} {self.number}"
