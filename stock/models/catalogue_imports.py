"""Files of articles: looked at first, then written."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.legal_moves import LegalMoves
from stock.models.imports import DECIMAL_SIGNS, DELIMITERS, ENCODINGS
from stock.states import CATALOGUE_IMPORT_MOVES, CatalogueImportState


class CatalogueImport(models.Model):
    """One file of variants, their products, prices and GTINs. Counters and rejects are of the last pass over it."""

    state = models.CharField(
        _("state"), max_length=12, choices=CatalogueImportState, default=CatalogueImportState.CHECKING
    )
    file = models.FileField(_("file"), upload_to="catalogue-imports/%Y/%m/", blank=True)
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    size_bytes = models.BigIntegerField(_("size in bytes"), default=0)
    delimiter = models.CharField(_("columns separated by"), max_length=1, choices=DELIMITERS, default=",")
    encoding = models.CharField(_("encoding"), max_length=20, choices=ENCODINGS, default="utf-8")
    decimal_sign = models.CharField(_("decimal sign"), max_length=1, choices=DECIMAL_SIGNS, default=".")
    needs_review = models.BooleanField(default=False, editable=False)

    rows = models.BigIntegerField(_("rows"), default=0)
    created = models.BigIntegerField(_("new"), default=0)
    updated = models.BigIntegerField(_("changed"), default=0)
    unchanged = models.BigIntegerField(_("unchanged"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text=_("Per cent."))
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    created_by = models.CharField(_("created by"), max_length=150)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    confirmed_by = models.CharField(_("confirmed by"), max_length=150, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    moves = CATALOGUE_IMPORT_MOVES

    class Meta:
        verbose_name = _("catalogue import")
        verbose_name_plural = _("catalogue imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CatalogueImportState.values), name="stock_catalogueimport_state_known"
            ),
            LegalMoves(CATALOGUE_IMPORT_MOVES, name="stock_catalogueimport_legal_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.file_name}"


class CatalogueImportReject(models.Model):
    """A line that cannot be used, and why."""

    catalogue_import = models.ForeignKey(
        CatalogueImport, on_delete=models.CASCADE, related_name="rejects", db_index=False
    )
    line = models.BigIntegerField()
    code = models.CharField(max_length=64)
    detail = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("rejected line of a catalogue import")
        verbose_name_plural = _("rejected lines of catalogue imports")
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["catalogue_import", "line", "id"], name="stock_catalogue_reject_by_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"
