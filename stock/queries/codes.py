"""From the codes other programs use to ids, many at once."""

from collections.abc import Iterable

from oms.core.access import EVERYTHING, Access
from stock.models import Banner, SalesChannel, StockPoint, Variant
from stock.queries.catalogue import written_gtins


def variants_by_sku(skus: Iterable[str]) -> dict[str, int]:
    return dict(Variant.objects.filter(sku__in=set(skus)).values_list("sku", "pk"))


def variants_by_gtin(gtins: Iterable[str]) -> dict[str, int]:
    """By the numbers as they were given, with or without the zeros before them: spreadsheets drop those.

    Where two articles' numbers differ by their zeros alone, it is the one that was given exactly.
    """
    written = {gtin: written_gtins(gtin) for gtin in set(gtins)}
    asked = {form for forms in written.values() for form in forms}
    found = dict(Variant.objects.filter(gtin__in=asked).values_list("gtin", "pk"))
    known = {gtin: [found[form] for form in forms if form in found] for gtin, forms in written.items()}
    return {gtin: pks[0] for gtin, pks in known.items() if pks}


def stock_points_by_code(codes: Iterable[str], access: Access = EVERYTHING) -> dict[str, int]:
    """Only those the access covers: another's stock point is as unknown as one that does not exist."""
    points = StockPoint.objects.visible_to(access).filter(code__in=set(codes))
    return dict(points.values_list("code", "pk"))


def channels_by_code(codes: Iterable[str], access: Access = EVERYTHING) -> dict[str, int]:
    channels = SalesChannel.objects.visible_to(access).filter(code__in=set(codes))
    return dict(channels.values_list("code", "pk"))


def banners_by_code(codes: Iterable[str]) -> dict[str, int]:
    return dict(Banner.objects.filter(code__in=set(codes)).values_list("code", "pk"))
