import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.drawing.lettering import BOLD, ENCODING, LEADING, REGULAR, fit_line, fit_lines, printable, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Éloïse Œuvrard, 10 €", "Éloïse Œuvrard, 10 €"),
        ("e\u0301te\u0301", "été"),
        ("Łódź", "Lódz"),
        ("Żółć, Çelik, İstanbul", "Zólc, Çelik, Istanbul"),
        ("Москва", "Moskva"),
        ("Αθήνα", "Athena"),
        ("北京", "Bei Jing"),
        ("3ᵉ étage, №5, １２", "3e étage, No5, 12"),
        ("القاهرة", "alqahra"),
        ("नई दिल्ली", "nii dillii"),
        ("n\u0303 x\u0303", "ñ x"),
        ("two\tkinds\u00a0of  space", "two kinds of space"),
        ("soft\u00adhyphen, zero\u200bwidth", "softhyphen, zerowidth"),
        ("😀", "?"),
        ("", ""),
    ],
)
def test_text_is_shown_in_letters_the_font_has(text, shown):
    assert printable(text) == shown


@given(st.text(max_size=60))
def test_any_text_becomes_printable_once_and_for_all(text):
    shown = printable(text)
    assert shown.encode(ENCODING).decode(ENCODING) == shown
    assert shown.isprintable()
    assert printable(shown) == shown


def test_widths_are_those_of_the_font():
    # Helvetica's own metrics: A 667, V 667, space 278, é 556 thousandths; bold A 722.
    assert width("AV é", 1000) == 667 + 667 + 278 + 556
    assert width("A", 50, BOLD) == 36.1


def test_a_short_line_keeps_its_size():
    assert fit_line("Paris", 400, (40, 20)) == (40, ["Paris"])


def test_a_longer_line_is_set_smaller():
    size, lines = fit_line("Saint-Germain-en-Laye", 300, (40, 20))
    assert (size, lines) == (28, ["Saint-Germain-en-Laye"])
    assert width(lines[0], size) <= 300 < width(lines[0], size + 1)


def test_the_longest_line_loses_its_end_and_says_so():
    size, lines = fit_line("Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", 300, (40, 20))
    assert (size, lines) == (20, ["Saint-Remy-en-Bouzemont-Sai…"])
    assert width(lines[0], size) <= 300 < width("Saint-Remy-en-Bouzemont-Sain…", size)


def test_a_block_is_wrapped_between_words():
    assert fit_lines(["12 rue des Lilas", "", "Escalier B"], (200, 200), (40, 20)) == (
        40,
        ["12 rue des", "Lilas", "Escalier B"],
    )


def test_a_block_shrinks_until_it_is_low_enough():
    assert fit_lines(["12 rue des Lilas", "Escalier B"], (200, 100), (40, 20)) == (
        28,
        ["12 rue des Lilas", "Escalier B"],
    )
    assert fit_lines(["12 rue des Lilas", "Escalier B"], (190, 100), (40, 20)).size == 28
    assert fit_lines(["12 rue des Lilas", "Escalier B"], (190, 60), (40, 20)).size == 24


def test_a_word_wider_than_the_block_is_broken_after_a_hyphen():
    assert fit_lines(["Bouzemont-Saint-Genest"], (200, 200), (30, 30)).lines == ["Bouzemont-", "Saint-Genest"]


def test_a_word_without_hyphen_is_broken_anywhere():
    assert fit_lines(["W" * 10], (100, 200), (20, 20)).lines == ["WWWWW", "WWWWW"]


WORDS = st.lists(st.text("iWé -", max_size=80), min_size=1, max_size=4)


@given(WORDS, st.integers(60, 700), st.integers(40, 300), st.sampled_from([REGULAR, BOLD]))
def test_nothing_ever_overflows_its_block(texts, across, down, font):
    size, lines = fit_lines(texts, (across, down), (40, 20), font)
    assert 20 <= size <= 40
    assert len(lines) * size * LEADING <= down
    assert all(width(line, size, font) <= across for line in lines)


@given(WORDS)
def test_nothing_is_lost_while_there_is_room(texts):
    lines = fit_lines(texts, (600, 2000), (40, 20)).lines
    assert "".join(lines).replace(" ", "") == "".join(texts).replace(" ", "")
