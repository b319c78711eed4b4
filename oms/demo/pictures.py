"""Pictures of articles, drawn: the garment of the product's family in the article's colour.

Presentation attributes only, no style and no script, so that a strict policy shows them too.
"""

from __future__ import annotations

import colorsys
from typing import Final
from zlib import crc32

from oms.demo.silhouettes import BY_CATEGORY, BY_NAME, HANGER, WOVEN, Silhouette

SHADES: Final = {
    "noir": "#2b2d33",
    "écru": "#eadfc8",
    "marine": "#24386b",
    "camel": "#c0935d",
    "rouge": "#b8272f",
    "vert sapin": "#1f5a43",
    "gris chiné": "#9aa0a8",
    "bordeaux": "#70203a",
}
UNKNOWN_SHADE: Final = "#8a93a0"
PAPER: Final = "#f4f1ec"

# What tells articles of one family and colour apart: two are plain, the others have a weave.
_WEAVES: Final = (
    "",
    "",
    "M0 38 H120 M0 50 H120 M0 62 H120 M0 74 H120 M0 86 H120 M0 98 H120",
    "M36 0 V120 M48 0 V120 M60 0 V120 M72 0 V120 M84 0 V120",
    "M0 36 H120 M0 54 H120 M0 72 H120 M0 90 H120 M33 0 V120 M51 0 V120 M69 0 V120 M87 0 V120",
    "M0 60 L60 0 M0 90 L90 0 M0 120 L120 0 M30 120 L120 30 M60 120 L120 60",
)


def picture(*, code: str, name: str, category: str, colour: str) -> str:
    """A square SVG document. An unknown family is a coat hanger, an unknown colour grey."""
    garment = _garment(name, category)
    shade = SHADES.get(colour.lower(), UNKNOWN_SHADE)
    dark, light = _scaled(shade, 0.72), _lightness(shade)
    ink = _scaled(shade, 0.5) if light > 0.3 else _blended(shade, 0.45)
    weave = _WEAVES[crc32(code.encode()) % len(_WEAVES)] if garment in WOVEN else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" width="240" height="240">'
        f'<rect width="120" height="120" rx="10" fill="{PAPER}"/>'
        f'<clipPath id="g"><path d="{garment.body}"/></clipPath>'
        f'<path d="{garment.body}" fill="{shade}" fill-rule="evenodd"/>'
        f'<path d="{weave}" clip-path="url(#g)" fill="none" stroke="{ink}" stroke-opacity=".35" stroke-width="2.5"/>'
        f'<path d="{garment.shade}" fill="{dark}" fill-rule="evenodd"/>'
        f'<path d="{garment.body}" fill="none" stroke="{_scaled(shade, 0.55)}" stroke-width="1.2" '
        'stroke-linejoin="round"/>'
        f'<path d="{garment.lines}" fill="none" stroke="{ink}" stroke-width="1.6" stroke-linecap="round"/>'
        "</svg>"
    )


def _garment(name: str, category: str) -> Silhouette:
    return BY_NAME.get(name.split(" ")[0]) or BY_CATEGORY.get(category) or HANGER


def _channels(shade: str) -> tuple[float, float, float]:
    red, green, blue = (int(shade[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _lightness(shade: str) -> float:
    return colorsys.rgb_to_hls(*_channels(shade))[1]


def _scaled(shade: str, factor: float) -> str:
    return _hex(*(channel * factor for channel in _channels(shade)))


def _blended(shade: str, share: float) -> str:
    """Towards white: stitches that are seen on a dark cloth."""
    return _hex(*(channel + (1 - channel) * share for channel in _channels(shade)))
