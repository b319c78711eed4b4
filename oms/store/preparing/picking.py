"""Picking by scan, for one order or several: what was found is counted here, and told when the round is over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oms.core.errors import OmsError
from oms.core.punctuation import with_colon
from oms.store.preparing.counts import Counts
from oms.store.preparing.following import what_follows
from oms.store.preparing.pages import PreparingView
from oms.store.preparing.selecting import naming, selected, whole_number
from oms.store.queries.codes import known_article, scanned
from oms.store.queries.effects import effects_of_declining
from oms.store.queries.works import Work, works_to_pick
from oms.store.telling import sentences
from orders.services.declining import DeclineReason
from orders.services.picking import pick_fulfilment
from orders.services.work import SkuQuantity
from stock.models import Variant


@dataclass(frozen=True, slots=True)
class Row:
    """One article of the round: how much is asked for all its orders, how much was found."""

    variant: Variant
    asked: int
    found: int
    orders: Sequence[str]

    @property
    def is_complete(self) -> bool:
        return self.found >= self.asked

    @property
    def zone(self) -> str:
        return self.variant.product.category


class PickingView(PreparingView):
    """The works of a round stand in the address, so that a reloaded page is the same round."""

    def round(self, ids: Sequence[int]) -> list[Work]:
        return works_to_pick(self.here, ids)

    def back(self, *args: Any, **kwargs: Any) -> str:
        return _address(selected(self.request.POST))


class PickView(PickingView):
    def get(self, request: HttpRequest) -> HttpResponse:
        works = self.round(selected(request.GET))
        if not works:
            messages.info(request, _("There is nothing left to pick of this. Choose the next order."))
            return redirect("store:prepare")
        rows = rows_of(works, Counts(request.session))
        return self.show("preparing/pick.html", works=works, rows=rows, progress=_progress(rows))

    def post(self, request: HttpRequest) -> HttpResponse:
        """The quantities on the page are final: short ones are asked about first."""
        works = self.round(selected(request.POST))
        counts = Counts(request.session)
        rows = rows_of(works, counts)
        found = {row.variant.pk: _typed(request, row) for row in rows}
        counts.set_totals(works, found)
        if "save" in request.POST or not works:
            return redirect(_address([work.pk for work in works]) if works else reverse("store:prepare"))
        rows = rows_of(works, counts)
        missing = {row.variant: row.asked - row.found for row in rows if not row.is_complete}
        if missing and "confirmed" not in request.POST:
            short = [work for work in works if missing.keys() & {article.variant for article in work.articles}]
            follows = what_follows(work.fulfilment.mode for work in short)
            effects = self.effects(rows, missing)
            return self.show("preparing/pick_short.html", works=works, rows=rows, effects=effects, follows=follows)
        return self.finish(request, works, counts)

    def effects(self, rows: Sequence[Row], missing: Mapping[Variant, int]) -> Sequence[Any]:
        return effects_of_declining(
            stock_point=self.here,
            units=missing,
            reason=DeclineReason.NOT_FOUND,
            found_now={row.variant.pk: row.found for row in rows},
        )

    def finish(self, request: HttpRequest, works: Sequence[Work], counts: Counts) -> HttpResponse:
        """Each order by itself: one that cannot be picked any more stops no other."""
        done: list[Work] = []
        missing: Counter[str] = Counter()
        for work in works:
            lines = [SkuQuantity(sku, quantity) for sku, quantity in counts.of(work).items()]
            try:
                pick_fulfilment(fulfilment_id=work.pk, lines=lines, access=self.access_here)
            except OmsError as error:
                for sentence in sentences(error):
                    messages.error(request, with_colon(work.order.number, sentence))
            else:
                counts.forget(work)
                done.append(work)
                missing[work.fulfilment.mode] += _left_to_pick(work) - sum(line.quantity for line in lines)
        if done and +missing:
            messages.warning(request, _told_short(len(done), +missing))
        elif done:
            told = ngettext("Picked: %(count)d order.", "Picked: %(count)d orders.", len(done))
            messages.success(request, told % {"count": len(done)})
        if len(works) == 1:
            return redirect("store:work", works[0].pk)
        return redirect(reverse("store:prepare") + "?show=picked")


class ScanView(PickingView):
    """One scan counts one unit. A wrong one counts nothing, and is told."""

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = selected(request.POST)
        works, counts = self.round(ids), Counts(request.session)
        rows = {row.variant.pk: row for row in rows_of(works, counts)}
        code = request.POST.get("code", "").strip()[:64]
        variant = scanned(code, [row.variant for row in rows.values()]) if code else None
        if variant is None:
            messages.error(request, _wrong(code))
            return redirect(_address(ids))
        row = rows[variant.pk]
        facts = {"article": variant.product.name, "sku": variant.sku, "found": row.found + 1, "asked": row.asked}
        if row.is_complete:
            all_found = ngettext(
                "The only %(article)s (%(sku)s) is found already: put this one back. Nothing was counted.",
                "All %(asked)d of %(article)s (%(sku)s) are found already: put this one back. Nothing was counted.",
                row.asked,
            )
            messages.error(request, all_found % facts)
        else:
            counts.add_one(works, variant)
            messages.success(request, _("%(article)s (%(sku)s): %(found)d of %(asked)d") % facts)
        return redirect(_address(ids))


def rows_of(works: Sequence[Work], counts: Counts) -> list[Row]:
    """By zone, then by name: the way through the shop."""
    asked: dict[int, int] = defaultdict(int)
    found: dict[int, int] = defaultdict(int)
    orders: dict[int, list[str]] = defaultdict(list)
    variants: dict[int, Variant] = {}
    for work in works:
        counted = counts.of(work)
        for article in work.articles:
            variant, left = article.variant, article.quantity - article.picked
            if not left:
                continue
            variants[variant.pk] = variant
            asked[variant.pk] += left
            found[variant.pk] += min(left, counted.get(variant.sku, 0))
            orders[variant.pk].append(work.order.number)
    rows = [Row(variants[pk], asked[pk], found[pk], orders[pk]) for pk in variants]
    return sorted(rows, key=lambda row: (row.zone, row.variant.product.name, row.variant.sku))


def _left_to_pick(work: Work) -> int:
    return sum(article.quantity - article.picked for article in work.articles)


def _told_short(orders: int, missing: Counter[str]) -> str:
    """`missing`: units by the way their customer receives them."""
    round_over = ngettext("Picked, not whole: %(count)d order.", "Picked, not whole: %(count)d orders.", orders)
    taken_off = ngettext(
        "%(count)d unit was not found: it is taken off this store’s stock.",
        "%(count)d units were not found: they are taken off this store’s stock.",
        missing.total(),
    )
    return f"{round_over % {'count': orders}} {taken_off % {'count': missing.total()}} {what_follows(missing)}"


def _typed(request: HttpRequest, row: Row) -> int:
    given = whole_number(request.POST.get(f"found-{row.variant.pk}"))
    return row.found if given is None else min(given, row.asked)


def _progress(rows: Sequence[Row]) -> dict[str, int]:
    return {"found": sum(row.found for row in rows), "asked": sum(row.asked for row in rows)}


def _address(ids: Sequence[int]) -> str:
    return reverse("store:pick") + naming(ids) if ids else reverse("store:prepare")


def _wrong(code: str) -> str:
    if not code:
        return _("Nothing was scanned.")
    article = known_article(code)
    if article is None:
        return _("No article has the code %(code)s. Nothing was counted.") % {"code": code}
    facts = {"article": article.product.name, "sku": article.sku}
    return _("%(article)s (%(sku)s) is not on this list: put it back. Nothing was counted.") % facts
