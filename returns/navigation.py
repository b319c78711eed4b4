"""Returns in the admin's menu, and what waits for a person."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.core.navigation import Group, count, show
from returns.models import Return
from returns.states import ReturnState

show("returns.Return", group=Group.ORDERS, icon="assignment_return")
show("returns.ReturnPolicy", group=Group.MERCHANDISING, icon="policy")

RETURNS = "admin:returns_return_changelist"
VIEW = "returns.view_return"


def _requested(access: Access) -> QuerySet[Return]:
    return Return.objects.visible_to(access).filter(state=ReturnState.REQUESTED)


def _unmatched(access: Access) -> QuerySet[Return]:
    return Return.objects.visible_to(access).filter(state=ReturnState.RECEIVED_UNMATCHED)


def _unsettled(access: Access) -> QuerySet[Return]:
    return Return.objects.visible_to(access).filter(state=ReturnState.INSPECTED)


count(
    "requested-returns",
    group=Group.ORDERS,
    title=_("Returns to authorise"),
    link=(RETURNS, "?state__exact=requested"),
    permission=VIEW,
    counted=_requested,
)
count(
    "unmatched-returns",
    group=Group.ORDERS,
    title=_("Returns without an order"),
    link=(RETURNS, "?state__exact=received_unmatched"),
    permission=VIEW,
    counted=_unmatched,
)
count(
    "unsettled-returns",
    group=Group.ORDERS,
    title=_("Returns to refund"),
    link=(RETURNS, "?state__exact=inspected"),
    permission=VIEW,
    counted=_unsettled,
)
