"""Stock feeds: who sends figures, each file, what of it was refused, and what each file has covered."""

from __future__ import annotations

from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.legal_moves import LegalMoves
from stock.models.stock_points import StockPoint
from stock.states import STOCK_IMPORT_MOVES, StockImportState


class ImportKind(models.TextChoices):
    """`delta`: only the rows listed. `snapshot`: what it does not list at the points it names is 0."""

    SNAPSHOT = "snapshot", _("snapshot")
    DELTA = "delta", _("delta")


class ImportBasis(models.TextChoices):
    """Whether a source's figures count what is there, or what is left after our live reservations."""

    PHYSICAL = "physical", _("physical")
    NET_OF_RESERVATIONS = "net_of_reservations", _("net of reservations")


DELIMITERS = [(",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("vertical bar"))]
ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("windows-1252", "Windows-1252"),
    ("iso-8859-1", "ISO 8859-1"),
    ("iso-8859-15", "ISO 8859-15"),
    ("utf-16", "UTF-16"),
]
DECIMAL_SIGNS = [(",", _("comma")), (".", _("point"))]


class StockSource(models.Model):
    """A system that sends stock figures, and how it writes its files. Its basis is fixed by its first import.

    `last_as_of` is the newest moment it has spoken of: only a file that is not newer has to be
    compared with what earlier files covered. Before `history_from` that is no longer known, and a
    file as old as that is refused. `last_begun` is the import that was last begun to be applied.
    """

    name = models.CharField(_("name"), max_length=64)
    basis = models.CharField(_("basis"), max_length=24, choices=ImportBasis, default=ImportBasis.PHYSICAL)
    last_as_of = models.DateTimeField(_("last as of"), null=True, blank=True)
    last_sequence = models.BigIntegerField(_("last sequence"), null=True, blank=True)
    last_applied_at = models.DateTimeField(_("last applied at"), null=True, blank=True)
    last_begun = models.BigIntegerField(null=True, blank=True, editable=False)
    history_from = models.DateTimeField(null=True, blank=True)
    delimiter = models.CharField(_("columns separated by"), max_length=1, choices=DELIMITERS, default=",")
    encoding = models.CharField(_("encoding"), max_length=20, choices=ENCODINGS, default="utf-8")
    decimal_sign = models.CharField(
        _("decimal sign"),
        max_length=1,
        choices=DECIMAL_SIGNS,
        blank=True,
        help_text=_("Empty: figures are whole. Else 12,00 is read as 12."),
    )
    columns = models.JSONField(
        _("column names"),
        default=dict,
        blank=True,
        help_text=_(
            "The file's name of each of our columns, where it has another; then other columns are passed over."
        ),
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        verbose_name = _("stock source")
        verbose_name_plural = _("stock sources")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="stock_source_name_unique"),
            models.CheckConstraint(condition=Q(basis__in=ImportBasis.values), name="stock_source_basis_known"),
        ]

    def __str__(self) -> str:
        return self.name


class StockImportQuerySet(models.QuerySet["StockImport"]):
    def visible_to(self, access: Access) -> Self:
        """Who is bound to stock points sees the imports that were bound to no others."""
        if access.stock_points is None:
            return self
        return self.filter(bound_to__contained_by=sorted(access.stock_points))

    def unfinished(self) -> Self:
        return self.exclude(state__in=[StockImportState.APPLIED, StockImportState.REFUSED])

    def waiting_for(self, source_id: int) -> Self:
        """Staged ones that nobody has to look at first, oldest figures first."""
        ready = Q(needs_review=False) | Q(confirmed_at__isnull=False)
        return self.filter(ready, source_id=source_id, state=StockImportState.STAGED).order_by("as_of", "id")


class StockImport(models.Model):
    """One file of absolute figures, all true at `as_of`.

    `rows` = `applied` + `unchanged` + `rejected` + `quarantined`. `difference` is what comparing it
    with the levels has shown (`stock.feeds.swinging.Difference`), `comparison` when and how that was.
    """

    source = models.ForeignKey(
        StockSource, verbose_name=_("source"), on_delete=models.PROTECT, related_name="imports", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind)
    basis = models.CharField(_("basis"), max_length=24, choices=ImportBasis)
    as_of = models.DateTimeField(_("as of"))
    sequence = models.BigIntegerField(_("sequence"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=StockImportState, default=StockImportState.QUEUED)
    code = models.CharField(_("code"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Why it was refused or is held."))

    file = models.FileField(_("file"), upload_to="stock-imports/%Y/%m/", blank=True)
    local_path = models.CharField(max_length=1000, blank=True, help_text=_("Of the command: read where it lies."))
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    size_bytes = models.BigIntegerField(_("size in bytes"), default=0)
    delimiter = models.CharField(_("delimiter"), max_length=1, default=",")
    profile = models.JSONField(
        null=True, blank=True, editable=False, help_text=_("How its source wrote files when it came; empty: plainly.")
    )
    expected_rows = models.BigIntegerField(
        _("expected rows"),
        null=True,
        blank=True,
        help_text=_("When told, a file with another number of rows is refused."),
    )

    rows = models.BigIntegerField(_("rows"), default=0)
    applied = models.BigIntegerField(_("applied"), default=0)
    unchanged = models.BigIntegerField(_("unchanged"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    quarantined = models.BigIntegerField(_("quarantined"), default=0)
    closed = models.BigIntegerField(_("closed"), default=0, help_text=_("Levels a snapshot did not list, set to 0."))
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text=_("Per cent."))
    difference = models.JSONField(_("difference"), null=True, blank=True)

    needs_review = models.BooleanField(default=False, help_text=_("Stops once staged until a person confirms it."))
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=150, blank=True)
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="retries", db_index=False
    )
    bound_to = ArrayField(
        models.BigIntegerField(), null=True, blank=True, help_text=_("Stock points its sender is bound to; empty: all.")
    )

    comparison = models.JSONField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False, help_text=_("Since it last got on."))

    created_by = models.CharField(_("created by"), max_length=150)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    staged_at = models.DateTimeField(_("staged at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = StockImportQuerySet.as_manager()
    moves = STOCK_IMPORT_MOVES

    class Meta:
        verbose_name = _("stock import")
        verbose_name_plural = _("stock imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="stock_import_kind_known"),
            models.CheckConstraint(condition=Q(basis__in=ImportBasis.values), name="stock_import_basis_known"),
            models.CheckConstraint(condition=Q(state__in=StockImportState.values), name="stock_import_state_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="stock_import_progress_per_cent"),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(state=StockImportState.APPLYING),
                name="stock_import_one_applying_per_source",
            ),
            LegalMoves(STOCK_IMPORT_MOVES, name="stock_import_legal_moves"),
        ]
        indexes = [
            models.Index(
                fields=["source", "as_of"],
                name="stock_import_unfinished",
                condition=~Q(state__in=[StockImportState.APPLIED.value, StockImportState.REFUSED.value]),
            ),
        ]

    def __str__(self) -> str:
        as_of = date_format(timezone.localtime(self.as_of), "DATETIME_FORMAT")
        return f"{self.source} · {self.get_kind_display()} · {as_of}"

    @property
    def reference(self) -> str:
        """Of the movements it writes."""
        return f"import:{self.pk}"

    @property
    def rows_to_write(self) -> int:
        """How many differences were on the table when writing began."""
        return int((self.difference or {}).get("rows", 0))


class ImportLane(models.Model):
    """A range of levels that an import being applied writes on its own, and how far it has got.

    From behind `after_level` to `last_level`. `cursor` is the last that is done, kept by the transaction that did it.
    One that ends at its cursor is done with; it stays for as long as its levels must not be written again.
    """

    LAST_OF_ALL: Final = models.BigIntegerField.MAX_BIGINT

    stock_import = models.ForeignKey(StockImport, on_delete=models.CASCADE, related_name="lanes")
    after_level = models.BigIntegerField()
    last_level = models.BigIntegerField()
    cursor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cursor__gte=F("after_level")) & Q(cursor__lte=F("last_level")),
                name="stock_import_lane_cursor_within",
            ),
        ]


class StockImportReject(models.Model):
    """A line that changed nothing, and why. What the file said is kept as it stood, cut at 200 characters."""

    stock_import = models.ForeignKey(StockImport, on_delete=models.CASCADE, related_name="rejects", db_index=False)
    line_number = models.BigIntegerField(_("line"))
    sku = models.TextField(_("SKU"), blank=True)
    stock_point = models.TextField(_("stock point"), blank=True)
    quantity = models.TextField(_("quantity"), blank=True)
    unavailable = models.TextField(_("unavailable"), blank=True)
    code = models.CharField(_("code"), max_length=40)
    detail = models.CharField(_("detail"), max_length=300)
    is_quarantined = models.BooleanField(_("quarantined"), default=False)

    class Meta:
        verbose_name = _("rejected line")
        verbose_name_plural = _("rejected lines")
        ordering = ["stock_import", "line_number"]
        indexes = [models.Index(fields=["stock_import", "line_number"], name="stock_import_reject_line")]

    def __str__(self) -> str:
        return f"{self.line_number}: {self.code}"


class QuarantinedFigure(models.Model):
    """The newest figure a source gave for a SKU or a stock point that is not known yet: kept until it is."""

    source = models.ForeignKey(StockSource, on_delete=models.CASCADE, related_name="+", db_index=False)
    stock_import = models.ForeignKey(StockImport, on_delete=models.CASCADE, related_name="+", db_index=False)
    line_number = models.BigIntegerField(_("line"))
    sku = models.CharField(_("SKU"), max_length=200)
    stock_point = models.CharField(_("stock point"), max_length=200)
    quantity = models.IntegerField(_("quantity"))
    unavailable = models.IntegerField(_("unavailable"), null=True, blank=True)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("quarantined figure")
        verbose_name_plural = _("quarantined figures")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "sku", "stock_point"], name="stock_quarantine_once_per_source"),
        ]
        indexes = [models.Index(fields=["stock_import"], name="stock_quarantine_by_import")]

    def __str__(self) -> str:
        return f"{self.sku} @ {self.stock_point}"


class FeedCoverage(models.Model):
    """Which levels of a stock point an applied import has spoken of, those it found unchanged included.

    `is_complete`: every variant except `variant_ids`, whether it has a level or not; with `up_to_level`
    only those with a level of that id or a lower one. Else: only `variant_ids`. A level keeps the `as_of`
    of the import that last changed it; that of a later import which agreed with it is here, so that a
    file need not rewrite what it confirms.
    """

    source = models.ForeignKey(StockSource, on_delete=models.CASCADE, related_name="+", db_index=False)
    stock_import = models.ForeignKey(StockImport, on_delete=models.CASCADE, related_name="+", db_index=False)
    stock_point = models.ForeignKey(StockPoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    as_of = models.DateTimeField()
    is_complete = models.BooleanField()
    variant_ids = ArrayField(models.BigIntegerField())
    up_to_level = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("feed coverage")
        verbose_name_plural = _("feed coverages")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["stock_point", "as_of"], name="stock_feed_coverage_point"),
            models.Index(fields=["stock_import"], name="stock_feed_coverage_import"),
        ]

    def __str__(self) -> str:
        return f"{self.stock_point_id} {self.as_of.isoformat()}"
