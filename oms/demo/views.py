"""The pictures of the demonstration's articles, for every screen that shows articles."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from oms.demo.pictures import picture
from stock.models import Product

A_DAY_S = 86_400


@require_safe
@cache_control(public=True, max_age=A_DAY_S)
def article_picture(request: HttpRequest, product: str, colour: str) -> HttpResponse:
    """Drawn from what the catalogue says: nobody's secret, so that customers' pages show it too."""
    found = Product.objects.filter(code=product).values_list("name", "category").first()
    if found is None:
        raise Http404
    name, category = found
    drawn = picture(code=product, name=name, category=category, colour=colour)
    return HttpResponse(drawn, content_type="image/svg+xml")
