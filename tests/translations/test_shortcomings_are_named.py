from babel.messages.catalog import Catalog

from oms.core.translating.checking import shortcomings, superfluous


def catalogue(**texts: str) -> Catalog:
    found = Catalog(locale="fr")
    for ident, text in texts.items():
        found.add(ident, text)
    return found


def test_a_complete_catalogue_has_none() -> None:
    assert shortcomings(catalogue(word="mot"), catalogue(word="")) == []


def test_a_missing_and_an_empty_translation() -> None:
    assert shortcomings(catalogue(), catalogue(word="")) == ["missing: 'word'"]
    assert shortcomings(catalogue(word=""), catalogue(word="")) == ["not translated: 'word'"]


def test_a_fuzzy_translation() -> None:
    found = Catalog(locale="fr")
    found.add("word", "mot", flags=["fuzzy"])

    assert shortcomings(found, catalogue(word="")) == ["marked as fuzzy: 'word'"]


def test_a_placeholder_that_differs() -> None:
    needed, found = Catalog(), Catalog(locale="fr")
    needed.add("%(number)s of %(total)s, 100%%")
    found.add("%(number)s of %(total)s, 100%%", "%(nombre)s sur %(total)s, 100 %%")

    assert shortcomings(found, needed) == [
        "with other placeholders: '%(number)s of %(total)s, 100%%' → '%(nombre)s sur %(total)s, 100 %%'"
    ]


def test_a_plural_that_is_missing() -> None:
    needed, found = Catalog(), Catalog(locale="fr")
    needed.add(("%d parcel", "%d parcels"))
    found.add(("%d parcel", "%d parcels"), ("%d colis", ""))

    assert shortcomings(found, needed) == ["not translated: ('%d parcel', '%d parcels')"]


def test_a_translation_of_what_is_no_longer_said() -> None:
    assert superfluous(catalogue(word="mot", old="vieux"), catalogue(word="")) == ["old"]
