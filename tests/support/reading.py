"""Pages as they are read."""

from __future__ import annotations

import re
from html import unescape

_CODE = re.compile(r"<(script|style|code|pre)\b.*?</\1>|<span[^>]*\bmaterial-symbols-outlined\b.*?</span>", re.DOTALL)
_TEXT = re.compile(r">([^<>]+)<")
# Small words of which every English sentence of ours has some, and no French one has two.
_ENGLISH = re.compile(
    r"\b(the|is|are|not|there|this|that|with|than|where|already|cannot|other|only|one|has|names|now|of|by|and|to|it)\b",
    re.IGNORECASE,
)

# What programs call things by: no person reads `payment_refused`.
_RAW = re.compile(r"(?<![\w./:@-])[a-z]{2,}(?:_[a-z0-9]+)+(?![\w./@(-])")


def texts(content: str) -> list[str]:
    """What stands between the tags, each by itself."""
    found = _TEXT.findall(_CODE.sub("", content))
    return [told for text in found if (told := re.sub(r"[ \n]+", " ", unescape(text)).strip())]


def english(content: str) -> list[str]:
    """The texts of a French page that are English; what was typed or read from a file stands in quotes."""
    return [text for text in texts(content) if len(_ENGLISH.findall(re.sub(r"'[^']*'", "", text))) > 1]


def raw_codes(content: str) -> list[str]:
    """The texts of a page in which something is called as programs call it."""
    return [text for text in texts(content) if _RAW.search(text)]
