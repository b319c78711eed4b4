"""`{% url "picture" product.code variant.colour %}`; a variant without a colour has one too."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from oms.demo.views import article_picture


class AnyText(StringConverter):
    """Codes and colours are the retailer's words: they may be empty or hold a slash."""

    regex = "[^/]*"

    def to_python(self, value: str) -> str:
        return value.replace("~", "/")

    def to_url(self, value: str) -> str:
        return value.replace("/", "~")


register_converter(AnyText, "any_text")

urlpatterns: list[URLPattern] = [
    path("pictures/<any_text:product>/<any_text:colour>.svg", article_picture, name="picture"),
]
