"""Why a line was not used is told in the reader's language; every sentence the report can write is known here."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils.translation import override

from stock.admin.reject_words import SENTENCES, told_reject
from stock.feeds import rejects


def test_every_sentence_of_the_report_has_its_french() -> None:
    written = set(re.findall(r"'([A-Z][^']+\.)'", Path(rejects.__file__).read_text()))
    assert set(SENTENCES) == written
    with override("fr"):
        assert not [sentence for sentence in SENTENCES if told_reject(sentence) == sentence]
    with override("en"):
        assert [told_reject(sentence) for sentence in SENTENCES] == list(SENTENCES)


def test_a_line_that_names_the_same_once_more_says_where_it_was_first() -> None:
    with override("fr"):
        told = told_reject("Line 3 already names this SKU at this stock point.")
        assert told == "La ligne 3 nomme déjà ce SKU à ce point de stock."
        assert told_reject("Something else.") == "Something else."
