import pytest

from oms.core.translating.catalogues import catalogue_files, read_catalogue
from oms.core.translating.checking import shortcomings, superfluous
from oms.core.translating.extracting import extracted_catalogue

FRENCH = catalogue_files()[0]


@pytest.fixture(scope="module")
def needed() -> object:
    return extracted_catalogue("fr")


def test_every_text_of_code_and_templates_is_translated_with_its_placeholders(needed: object) -> None:
    assert shortcomings(read_catalogue(FRENCH), needed) == [], "run `make messages` and fill in what it names"


def test_nothing_is_kept_that_is_no_longer_said(needed: object) -> None:
    assert superfluous(read_catalogue(FRENCH), needed) == [], "run `make messages`"


def test_there_are_texts_at_all(needed: object) -> None:
    assert len(needed) > 500  # control: an extractor that finds nothing would find nothing missing
