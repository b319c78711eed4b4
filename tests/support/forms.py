"""What a browser would post of a page's form, were nothing touched."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = defaultdict(list)
        self._select = ""
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "input" and told.get("name"):
            kind, is_checked = told.get("type", "text"), "checked" in told
            if kind in ("submit", "file") or (kind in ("checkbox", "radio") and not is_checked):
                return
            self.values[told["name"]].append(told.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self._select = told.get("name", "")
        elif tag == "option" and self._select and "selected" in told:
            self.values[self._select].append(told.get("value", ""))
        elif tag == "textarea":
            self._area = told.get("name")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area].append(data.removeprefix("\r\n").removeprefix("\n"))
            self._area = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area:
            self.values[self._area].append("")
            self._area = None


def form_values(page: str) -> dict[str, list[str]]:
    controls = _Controls()
    controls.feed(page)
    return {name: values for name, values in controls.values.items() if name != "csrfmiddlewaretoken"}
