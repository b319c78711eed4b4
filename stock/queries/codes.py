"""From the codes other programs use to ids, many at once."""

from collections.abc import Iterable

from oms.core.access import EVERYTHING, Access
from stock.models import Banner, SalesChannel, StockPoint, Variant


def variants_by_sku(skus: Iterable[str]) -> dict[str, int]:
    return dict(Variant.objects.filter(sku__in=set(skus)).values_list("sku", "pk"))


def variants_by_gtin(gtins: Iterable[str]) -> dict[str, int]:
    """Only those that have one: None is nobody's GTIN."""
    found = Variant.objects.filter(gtin__in=set(gtins)).values_list("gtin", "pk")
    return {gtin: pk for gtin, pk in found if gtin is not None}


def stock_points_by_code(codes: Iterable[str], access: Access = EVERYTHING) -> dict[str, int]:
    """Only those the access covers: another's stock point is as unknown as one that does not exist."""
    points = StockPoint.objects.visible_to(access).filter(code__in=set(codes))
    return dict(points.values_list("code", "pk"))


def channels_by_code(codes: Iterable[str], access: Access = EVERYTHING) -> dict[str, int]:
    channels = SalesChannel.objects.visible_to(access).filter(code__in=set(codes))
    return dict(channels.values_list("code", "pk"))


def banners_by_code(codes: Iterable[str]) -> dict[str, int]:
    return dict(Banner.objects.filter(code__in=set(codes)).values_list("code", "pk"))
