import gettext
import os
from pathlib import Path

import pytest

from oms.core.translating.catalogues import compile_catalogues

SOURCE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "word"
msgstr "mot"

#, fuzzy
msgid "doubt"
msgstr "doute"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    return path


def said(source: Path, word: str) -> str:
    with source.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(word)


def test_it_is_made_once_and_again_when_the_catalogue_is_newer(source: Path, tmp_path: Path) -> None:
    assert compile_catalogues(tmp_path) == [source.with_suffix(".mo")]
    assert said(source, "word") == "mot"
    assert compile_catalogues(tmp_path) == []

    source.write_text(SOURCE.replace('"mot"', '"parole"'))
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))

    assert compile_catalogues(tmp_path) == [source.with_suffix(".mo")]
    assert said(source, "word") == "parole"


def test_what_is_unsure_stays_in_english(source: Path, tmp_path: Path) -> None:
    compile_catalogues(tmp_path)

    assert said(source, "doubt") == "doubt"


def test_nothing_else_is_left_in_the_folder(source: Path, tmp_path: Path) -> None:
    compile_catalogues(tmp_path)

    assert sorted(path.name for path in source.parent.iterdir()) == ["django.mo", "django.po"]
