"""Icons drawn for these screens: strokes on a grid of 24 by 24, so that they take the colour of the text."""

from __future__ import annotations

from typing import Final

ICONS: Final[dict[str, str]] = {
    # The hall: a roof of iron and glass over its pillars.
    "halles": '<path d="M3 10 12 4l9 6"/><path d="M5 10v10M19 10v10M9.5 10v10M14.5 10v10M3 20h18M7 7.4h10"/>',
    "home": '<path d="M4 11 12 4l8 7v9h-5v-6H9v6H4z"/>',
    "sell": '<path d="M4 7h16l-1.4 8.4H6.6z"/><path d="M4 7 3 4H1.5"/><circle cx="8" cy="19" r="1.4"/>'
    '<circle cx="17" cy="19" r="1.4"/>',
    "prepare": '<path d="M4 8 12 4l8 4v9l-8 4-8-4z"/><path d="M4 8l8 4 8-4M12 12v9"/>',
    "counter": '<path d="M3 11h18M5 11v9h14v-9"/><path d="M8 11V7a4 4 0 0 1 8 0v4"/>',
    "returns": '<path d="M9 6 4 11l5 5"/><path d="M4 11h10a6 6 0 0 1 0 12h-2" transform="translate(0 -3)"/>',
    "scan": '<path d="M4 8V5h3M17 5h3v3M20 16v3h-3M7 19H4v-3M8 8.5v7M11 8.5v7M14 8.5v7M16.5 8.5v7"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5.5 5.5"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7"/>',
    "cross": '<path d="M6 6l12 12M18 6 6 18"/>',
    "warning": '<path d="M12 4 2.5 20h19z"/><path d="M12 10v4.5M12 17.4v.1"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.6v.1"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>',
    "truck": '<path d="M2 7h11v9H2zM13 10h4.5L21 13.5V16h-8z"/><circle cx="6.5" cy="18" r="1.8"/>'
    '<circle cx="16.5" cy="18" r="1.8"/>',
    "store": '<path d="M4 10v10h16V10"/><path d="M3 10l2-6h14l2 6a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0z"/>'
    '<path d="M10 20v-5h4v5"/>',
    "box": '<path d="M4 8h16v12H4zM4 8l2-4h12l2 4M12 4v4M9.5 12h5"/>',
    "label": '<path d="M5 4h14v16H5z"/><path d="M8 8v4M10.5 8v4M13 8v4M16 8v4M8 15.5h8"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v6H7z"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c.8-4 4-6 8-6s7.2 2 8 6"/>',
    "pause": '<circle cx="12" cy="12" r="9"/><path d="M10 8.5v7M14 8.5v7"/>',
    "play": '<circle cx="12" cy="12" r="9"/><path d="m10.2 8.5 5.3 3.5-5.3 3.5z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "back": '<path d="M14.5 5.5 8 12l6.5 6.5"/>',
    "next": '<path d="M9.5 5.5 16 12l-6.5 6.5"/>',
    "out": '<path d="M13 4H5v16h8M10 12h11M17 8l4 4-4 4"/>',
    "leaf": '<path d="M5 19C5 9 11 5 20 4c0 9-3 15-11 15-2 0-3-1-4 0z"/><path d="M4 21c2-5 5-8 10-10.5"/>',
    "bolt": '<path d="M13 3 5 14h6l-1 7 8-11h-6z"/>',
    "coin": '<circle cx="12" cy="12" r="9"/><path d="M15.5 8.7A4.5 4.5 0 1 0 15.5 15.3M6.5 11h6M6.5 13.3h5"/>',
    "card": '<path d="M3 6h18v12H3zM3 10h18M6.5 14.5h4"/>',
    "link": '<path d="M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1"/>'
    '<path d="M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"/>',
    "mail": '<path d="M3 6h18v12H3z"/><path d="m3 7 9 6.5L21 7"/>',
    "phone": '<path d="M6 3h4l1.5 5-2.5 2a12 12 0 0 0 5 5l2-2.5 5 1.5v4c0 1-1 2-2 2C11 20 4 13 4 5c0-1 1-2 2-2z"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10h16M8 3.5V7M16 3.5V7"/>',
    "map": '<path d="M12 21c5-6 7-9 7-12a7 7 0 0 0-14 0c0 3 2 6 7 12z"/><circle cx="12" cy="9" r="2.5"/>',
    "list": '<path d="M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1"/>',
    "language": '<circle cx="12" cy="12" r="9"/>'
    '<path d="M3 12h18M12 3c3 3 3.5 6 3.5 9S15 18 12 21c-3-3-3.5-6-3.5-9S9 6 12 3z"/>',
    "history": '<path d="M4 5v5h5"/><path d="M4.5 10A8 8 0 1 1 4 13.5M12 8v4.5l3 2"/>',
    "trash": '<path d="M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5"/>',
    "arrow-right": '<path d="M4 12h15m-6-7 7 7-7 7"/>',
    "basket": '<path d="M3 9h18l-2 11H5L3 9Zm5 0 4-6 4 6M9 13v4m6-4v4m-3-4v4"/>',
    "bell": '<path d="M4 18h16M6 18v-6a6 6 0 0 1 12 0v6M12 6V4m-2 17h4"/>',
    "camera": '<path d="M3 8h4l2-3h6l2 3h4v11H3V8Z"/><circle cx="12" cy="13" r="3.5"/>',
    "copy": '<path d="M9 9h11v12H9V9ZM5 15H4V3h11v2"/>',
    "download": '<path d="M12 4v11m-5-5 5 5 5-5M4 20h16"/>',
    "edit": '<path d="m4 20 1-5L16 4l4 4L9 19l-5 1Zm10-14 4 4"/>',
    "hand": '<path d="M3 15h4l3-2h5a2 2 0 0 1 0 4h-4m4-1 4-3a1.8 1.8 0 0 1 2 3l-6 5H9l-2-1H3"/><path d="M9 9V4h7v5"/>',
    "lock": '<path d="M5 11h14v9H5v-9Zm3 0V8a4 4 0 0 1 8 0v3m-4 4v2"/>',
    "qr": '<path d="M4 4h6v6H4V4Zm10 0h6v6h-6V4ZM4 14h6v6H4v-6Zm10 0h2v2h-2v-2Zm4 0h2m-2'
    ' 3v3h2m-6-1v1m-7-13v0m10 0v0m-10 10v0"/>',
    "question": '<circle cx="12" cy="12" r="9"/><path d="M9 9.5a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4m0 2.5v.5"/>',
    "receipt": '<path d="M5 3v18l2.3-1.5L9.7 21l2.3-1.5 2.3 1.5 2.4-1.5L19 21V3l-2.3 1.5L14.3 3 12 4.5 9.7 3'
    ' 7.3 4.5 5 3Zm4 6h6m-6 4h6"/>',
    "refresh": '<path d="M20 11a8 8 0 0 0-14-4L3 10m0-6v6h6m-5 3a8 8 0 0 0 14 4l3-3m0 6v-6h-6"/>',
    "shelf": '<path d="M4 3v18M20 3v18M4 9h16M4 17h16M7 9V5h4v4m3 8v-5h4v5"/>',
    "split": '<path d="M12 21v-8M12 13 5 6m7 7 7-7M5 11V6h5m4 0h5v5"/>',
    "star": '<path d="m12 3 2.7 6 6.3.7-4.7 4.3 1.3 6.5L12 17.2 6.4 20.5l1.3-6.5L3 9.7 9.3 9 12 3Z"/>',
    "undo": '<path d="M8 5 4 9l4 4M4 9h9a6 6 0 0 1 0 11H9"/>',
    "user-check": '<circle cx="10" cy="8" r="4"/><path d="M2 21c0-5 4-7 8-7 2 0 3.5.4 5 1.3M15 19l2.5 2.5L22 16"/>',
    "warehouse": '<path d="M3 20V9l9-5 9 5v11M7 20v-8h10v8M7 16h10"/>',
}


def icon_svg(name: str) -> str:
    """The icon as markup. Hidden from screen readers: the text beside it says the same. Raises `KeyError`."""
    return f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'
