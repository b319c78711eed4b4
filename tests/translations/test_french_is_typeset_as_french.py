import re

import pytest

from oms.core.translating.catalogues import catalogue_files, read_catalogue

FRENCH = catalogue_files()[0]
FAULTS = {
    "a straight apostrophe": re.compile(r"\w'\w"),
    "no space, or one that breaks, before ; ! or ?": re.compile(r"[^\s\u202f;!?(&][;!?](?=\s|$)|[ ][;!?](?=\s|$)"),
    "a space that breaks before a colon": re.compile(r"(?<! ) :"),
    "no space before a colon": re.compile(r"[^\W\d]:(?= )"),
    "a space that breaks inside quotation marks": re.compile(r"« | »"),
    "three dots instead of one sign": re.compile(r"\.\.\."),
}
ENTITY = re.compile(r"&\w+;|https?://\S+")


def texts() -> list[str]:
    found = []
    for message in read_catalogue(FRENCH):
        if message.id:
            found += [message.string] if isinstance(message.string, str) else list(message.string)
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_no_translation_has(fault: str) -> None:
    assert [text for text in texts() if FAULTS[fault].search(ENTITY.sub("", text))] == []


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("a straight apostrophe", "l'article"),
        ("no space, or one that breaks, before ; ! or ?", "Quoi ?"),
        ("no space, or one that breaks, before ; ! or ?", "Quoi?"),
        ("a space that breaks before a colon", "Total : 3"),
        ("no space before a colon", "Total: 3"),
        ("a space that breaks inside quotation marks", "« oui »"),
        ("three dots instead of one sign", "Attendez..."),
    ],
)
def test_each_fault_is_seen(fault: str, text: str) -> None:
    assert FAULTS[fault].search(text)
