"""The screens that the documentation shows: who looks, at what, on which device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, F
from django.urls import reverse

from oms.demo.drawing import STAFFED
from oms.orchestration.models import RuleSet
from orders.models import Fulfilment, Order, Parcel
from orders.queries.tracking_links import tracking_token
from orders.states import FulfilmentState, OrderState, ParcelState
from returns.models import Return
from returns.states import ReturnState
from stock.models import StockLevel

DESKTOP, TABLET, PHONE = (1280, 860), (820, 1100), (360, 740)
LILLE = STAFFED[0]

Fill = tuple[str, str]
"""(selector, what is typed); an empty text means a click, a path instead of a selector another page."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture. `path` answers None where the demo has nothing to show there now."""

    name: str
    person: str
    path: Callable[[], str | None]
    size: tuple[int, int] = DESKTOP
    language: str = "en"
    steps: tuple[Fill, ...] = field(default=())


def _page(name: str, *args: object) -> Callable[[], str]:
    return lambda: reverse(name, args=args)


def _order() -> str | None:
    """One that was declined and decided anew: its page has most to tell."""
    orders = Order.objects.filter(channel__code__startswith="demo-").annotate(works=Count("fulfilments"))
    found = orders.open().order_by("-works", "-pk").first()
    return reverse("admin:orders_order_change", args=[found.pk]) if found else None


def _level() -> str | None:
    held = StockLevel.objects.filter(reserved__gt=0, protection_units__gt=0, on_hand__gt=F("reserved"))
    found = held.order_by("-reserved", "pk").first()
    return reverse("admin:stock_stocklevel_change", args=[found.pk]) if found else None


def _rule_set() -> str | None:
    found = RuleSet.objects.filter(code="demo-web-home").first()
    return reverse("admin:orchestration_ruleset_change", args=[found.pk]) if found else None


def _work(state: FulfilmentState, name: str) -> Callable[[], str | None]:
    def path() -> str | None:
        found = Fulfilment.objects.filter(stock_point__code=LILLE, state=state).order_by("-pk").first()
        return reverse(name, args=[found.pk]) if found else None

    return path


def _parcel() -> str | None:
    """One whose label is there to look at."""
    parcels = Parcel.objects.filter(fulfilment__stock_point__code=LILLE, label__isnull=False)
    found = parcels.order_by("-pk").first()
    return reverse("store:parcel", args=[found.pk]) if found else None


def _return(*states: ReturnState) -> Callable[[], str | None]:
    def path() -> str | None:
        here = Return.objects.filter(stock_point__code=LILLE, order__isnull=False)
        found = next((one for state in states for one in here.filter(state=state).order_by("-pk")[:1]), None)
        return reverse("store:return", args=[found.number]) if found else None

    return path


def _pickup(name: str) -> Callable[[], str | None]:
    """A pickup that waits in the store: its page at the counter, or its customer's."""

    def path() -> str | None:
        here = Fulfilment.objects.filter(pickup_point__code=LILLE, state=FulfilmentState.READY_FOR_PICKUP)
        found = here.select_related("order").order_by("-pk").first()
        if found is None:
            return None
        return reverse(name, args=[tracking_token(found.order.number) if name == "public:order" else found.pk])

    return path


def _tracking() -> str | None:
    states = [OrderState.IN_PROGRESS, OrderState.FULFILLED]
    shipped = Order.objects.filter(state__in=states, fulfilments__parcels__handed_over_at__isnull=False)
    in_trouble = [ParcelState.LOST, ParcelState.EXCEPTION, ParcelState.RETURNED_TO_SENDER]
    fine = shipped.exclude(fulfilments__parcels__state__in=in_trouble)
    found = fine.order_by("-pk").first()
    return reverse("public:order", args=[tracking_token(found.number)]) if found else None


SCREENS = (
    Screen("store-home", "lille", _page("store:home"), TABLET),
    Screen("store-phone", "lille", _page("store:home"), PHONE),
    Screen(
        "order-in-store",
        "lille",
        _page("store:sell"),
        TABLET,
        steps=(("#q", "Manteau"), ("form:has(#q) button[type=submit]", "")),
    ),
    Screen(
        "delivery-choices",
        "lille",
        _page("store:sell-product", "D0001"),
        TABLET,
        steps=(
            ("form:has(input[value=delivered]) button", ""),
            ("/store/sell/delivery/", ""),
            ("[name=postcode]", "59800"),
            ("form[action$='/destination/'] button", ""),
        ),
    ),
    Screen("prepare", "lille", _page("store:prepare"), TABLET),
    Screen("prepare-work", "lille", _work(FulfilmentState.ACCEPTED, "store:work"), TABLET),
    Screen("parcel-label", "lille", _parcel, TABLET),
    Screen("counter", "lille", _page("store:counter"), TABLET),
    Screen("counter-pickup", "lille", _pickup("store:counter-pickup"), TABLET),
    Screen("receive", "lille", _page("store:receive"), TABLET),
    Screen("returns", "lille", _page("store:returns"), TABLET),
    Screen("return", "lille", _return(ReturnState.RECEIVED, ReturnState.AUTHORISED), TABLET),
    Screen("return-refund", "lille", _return(ReturnState.INSPECTED), TABLET),
    Screen("return-phone", "lille", _return(ReturnState.AUTHORISED, ReturnState.RECEIVED), PHONE, language="fr"),
    Screen("tracking", "", _tracking, PHONE),
    Screen("tracking-pickup", "", _pickup("public:order"), PHONE),
    Screen("admin-home", "lea", _page("admin:index")),
    Screen("admin-order", "lea", _order),
    Screen("stock-level", "marc", _level),
    Screen(
        "protection-preview",
        "marc",
        _page("admin:stock_protectionrule_add"),
        steps=(("#id_code", "autumn"), ("#id_quantity", "2"), ("#id_category", "Manteaux"), ("button[name=_save]", "")),
    ),
    Screen("rule-set", "marc", _rule_set),
)
