import re
from pathlib import Path

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


# Outside the texts that are translated whole, a mark after a value is English wherever it is read.
TRANSLATED = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}|<(script|style).*?</\1>", re.DOTALL)
BARE_MARK = re.compile(r"(?:\}\}|</\w+>|%\})\s?[:;!?](?=[\s<]|\{\{|$)")


def bare_marks(template: str) -> list[str]:
    return BARE_MARK.findall(TRANSLATED.sub("", template))


def test_no_template_sets_a_mark_after_a_value_by_itself() -> None:
    found = {str(path): bare_marks(path.read_text()) for path in Path("templates").rglob("*.html")}
    assert len(found) > 100
    assert {path: marks for path, marks in found.items() if marks} == {}, "say {% colon %}"


def test_a_bare_mark_is_seen() -> None:
    assert bare_marks("<li>{{ point }}: {{ units }}</li>") == ["}}:"]
    assert bare_marks("<strong>{{ rule }}</strong>: {{ why }}") == ["</strong>:"]
    assert bare_marks("{% blocktranslate %}{{ found }}: one more unit.{% endblocktranslate %}") == []
