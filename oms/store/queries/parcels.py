"""Parcels of a stock point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from orders.models import Fulfilment, Parcel, ParcelLine
from orders.states import FulfilmentState, ParcelState
from stock.models import StockPoint


@dataclass(frozen=True, slots=True)
class CarrierManifest:
    """What one carrier takes: parcels with a label, and how many works still wait for one."""

    carrier: str
    parcels: Sequence[Parcel]

    @property
    def weight_g(self) -> int:
        return sum(parcel.weight_g for parcel in self.parcels)

    @property
    def work_ids(self) -> list[int]:
        """Works all of whose parcels have their label: those that may leave."""
        return sorted({parcel.fulfilment_id for parcel in self.parcels if not parcel.waits})  # type: ignore[attr-defined]


def parcel_at(stock_point: StockPoint, pk: int) -> Parcel | None:
    """A parcel that is packed here."""
    contents = ParcelLine.objects.select_related("allocation__line__variant__product").order_by("pk")
    return (
        Parcel.objects.filter(fulfilment__stock_point=stock_point, pk=pk)
        .exclude(state=ParcelState.CANCELLED)
        .select_related("label", "fulfilment__order", "fulfilment__pickup_point")
        .prefetch_related(Prefetch("lines", queryset=contents, to_attr="shown_lines"))
        .first()
    )


def manifest_of(stock_point: StockPoint) -> list[CarrierManifest]:
    """Labelled parcels of packed work, by carrier."""
    packed = Fulfilment.objects.filter(stock_point=stock_point, state=FulfilmentState.PACKED)
    waiting = set(
        Parcel.objects.filter(fulfilment__in=packed, state=ParcelState.LABEL_PENDING).values_list(
            "fulfilment_id", flat=True
        )
    )
    parcels = (
        Parcel.objects.filter(fulfilment__in=packed, state=ParcelState.LABELLED)
        .select_related("fulfilment__order", "fulfilment__pickup_point")
        .order_by("carrier", "fulfilment_id", "position")
    )
    by_carrier: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        parcel.waits = parcel.fulfilment_id in waiting  # type: ignore[attr-defined]
        by_carrier.setdefault(parcel.carrier, []).append(parcel)
    return [CarrierManifest(carrier, found) for carrier, found in by_carrier.items()]
