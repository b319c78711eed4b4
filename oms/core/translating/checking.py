"""What a catalogue lacks, in words: the tests and `make messages` say it alike."""

import re
from collections.abc import Iterable, Iterator

from babel.messages.catalog import Catalog, Message

# `%(name)s`, `%s`, `%d`; `{name}` of str.format; a doubled percent sign is none.
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf]|\{\w*\}")


def shortcomings(catalogue: Catalog, needed: Catalog) -> list[str]:
    """One sentence per message that is needed and is missing, empty, unsure or asks for other values."""
    return [sentence for message in needed if message.id for sentence in _of_message(catalogue, message)]


def superfluous(catalogue: Catalog, needed: Catalog) -> list[str]:
    return [
        str(message.id) for message in catalogue if message.id and needed.get(_key(message), message.context) is None
    ]


def _of_message(catalogue: Catalog, needed: Message) -> Iterator[str]:
    found = catalogue.get(_key(needed), needed.context)
    if found is None:
        yield f"missing: {needed.id!r}"
        return
    originals, translations = _forms(needed.id), _forms(found.string)
    if not all(translations):
        yield f"not translated: {needed.id!r}"
    elif needed.pluralizable and len(translations) != catalogue.num_plurals:
        yield f"without all its plurals: {needed.id!r}"
    elif found.fuzzy:
        yield f"marked as fuzzy: {needed.id!r}"
    elif _placeholders(originals) != _placeholders(translations):
        yield f"with other placeholders: {needed.id!r} → {found.string!r}"


def _key(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(texts: str | Iterable[str] | None) -> tuple[str, ...]:
    return (texts or "",) if texts is None or isinstance(texts, str) else tuple(texts)


def _placeholders(texts: tuple[str, ...]) -> set[str]:
    return {name for text in texts for name in PLACEHOLDER.findall(text.replace("%%", ""))}
