"""Whose objects a principal may see. The kernel knows ids only; who may act for what is decided above.

`settings.ACCESS_RESOLVER` names a function `(principal) -> Access`. A queryset of an object that
belongs to stock points or channels has `visible_to(access)`; another's object is not found.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from rest_framework.request import Request

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Access:
    """Ids of the stock points and channels a principal may see; None means all of them."""

    stock_points: frozenset[int] | None = frozenset()
    channels: frozenset[int] | None = frozenset()

    @property
    def is_unlimited(self) -> bool:
        return self.stock_points is None and self.channels is None

    def sees_stock_point(self, stock_point_id: int | None) -> bool:
        return self.stock_points is None or stock_point_id in self.stock_points

    def sees_channel(self, channel_id: int | None) -> bool:
        return self.channels is None or channel_id in self.channels


EVERYTHING = Access(stock_points=None, channels=None)
NOTHING = Access()


def limited(
    queryset: QuerySet[M], access: Access, *, stock_point: str | None = None, channel: str | None = None
) -> QuerySet[M]:
    """The rows whose named foreign keys (`"stock_point_id"`, `"level__stock_point_id"`) the access covers."""
    condition = Q()
    if stock_point is not None and access.stock_points is not None:
        condition &= Q(**{f"{stock_point}__in": access.stock_points})
    if channel is not None and access.channels is not None:
        condition &= Q(**{f"{channel}__in": access.channels})
    return queryset.filter(condition)


@cache
def _resolver(dotted: str) -> "Callable[[Any], Access]":
    return cast("Callable[[Any], Access]", import_string(dotted))


def access_of(principal: Any) -> Access:
    """What a `User` or an `ApiClient` may see; nobody sees nothing."""
    if principal is None or not principal.is_authenticated:
        return NOTHING
    return _resolver(settings.ACCESS_RESOLVER)(principal)


def access_for(request: "HttpRequest | Request") -> Access:
    """The access of the request's principal, resolved once per request."""
    holder: Any = getattr(request, "_request", request)
    if not hasattr(holder, "oms_access"):
        holder.oms_access = access_of(getattr(request, "user", None))
    return cast(Access, holder.oms_access)
