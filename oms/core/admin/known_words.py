"""A field in which words that are known already are offered while one types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget


class KnownWordsInput(UnfoldAdminTextInputWidget):
    """`words` is asked each time the field is shown."""

    def __init__(self, *args: Any, words: Callable[[], Iterable[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        listed = f"known-{name}"
        field = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((word,) for word in self.words()))
        return format_html('{}<datalist id="{}">{}</datalist>', field, listed, options)
