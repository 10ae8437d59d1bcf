"""verdict.md §1 line by line, the spellings that come with it, and what must hold for any text whatever."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_mirror import phones
from crm_mirror.phones import Kind, Parsed, numbers_in

IVAN = "+79161234567"
OFFICE = "+74951234567"
MINSK = "+375291234567"

ONE_NUMBER = [
    # the table of verdict.md §1
    ("8 (916) 123-45-67", IVAN),
    ("+7 916 123-45-67", IVAN),
    ("79161234567", IVAN),
    ("9161234567", IVAN),
    ("тел. 8 916 1234567 Иван", IVAN),
    ("8-916-123-45-67 доб. 12", IVAN),
    ("+7 916 123-45-67 вн.12", IVAN),
    ("+79161234567,,12", IVAN),
    ("+79161234567#12", IVAN),
    ("tel:+7-916-123-45-67", IVAN),
    ("sip:+79161234567@pbx.local", IVAN),
    ("+375 29 123-45-67", MINSK),
    ("8 10 375 29 123-45-67", MINSK),
    ("+7 701 123 45 67", "+77011234567"),
    # extensions as people and cards write them
    ("+79161234567;12", IVAN),
    ("+79161234567;1234", IVAN),
    ("89161234567 ext 12", IVAN),
    ("89161234567 ext. 1234", IVAN),
    ("89161234567x12", IVAN),
    ("8 916 123-45-67 (доб. 12)", IVAN),
    ("8 (812) 345-67-89 (12)", "+78123456789"),
    ("8 (495) 123-45-67 (101)", OFFICE),
    ("8 916 123-45-67 1234", IVAN),
    ("8-916-123-45-67-12", IVAN),
    ("+7 916 123-45-67 внутренний 1234", IVAN),
    ("+375 29 123-45-67 доб 12", MINSK),
    ("tel:+7-916-123-45-67;ext=12", IVAN),
    # typography is noise
    ("8\u00a0916\u00a0123\u00a045\u00a067", IVAN),
    ("+7\u200b916\u200d123\ufeff4567", IVAN),
    ("\u202a+7 916 123-45-67\u202c", IVAN),
    ("8–916—123‑45−67", IVAN),
    ("＋７（９１６）１２３－４５－６７", IVAN),
    ("8.916.123.45.67", IVAN),
    ("8·916·123·45·67", IVAN),
    ("[8] {916} 1234567", IVAN),
    ("(+7) 916 123 45 67", IVAN),
    ("+ 7 (916) 123-45-67", IVAN),
    ("  8 916 123 45 67  ", IVAN),
    ("٨٩١٦١٢٣٤٥٦٧", IVAN),
    # slips that everybody makes
    ("+8 916 123-45-67", IVAN),
    ("+7 (8) 916 123-45-67", IVAN),
    ("sip:%2B79161234567@10.0.0.1", IVAN),
    ('"Иван" <sip:79161234567@10.20.30.40>', IVAN),
    # an incoming card strips the plus (call-card.md §3.1)
    ("375291234567", MINSK),
    ("442079460958", "+442079460958"),
    ("12025550123", "+12025550123"),
    ("00375291234567", MINSK),
    # possible is enough: this code is not allotted
    ("8 (300) 123-45-67", "+73001234567"),
    ("+7 000 123-45-67", "+70001234567"),
    ("8 (34254) 2-12-34", "+73425421234"),
]

SEVERAL_NUMBERS = [
    ("8 495 123-45-67; 8 916 123-45-67", (OFFICE, IVAN)),
    ("84951234567/89161234567", (OFFICE, IVAN)),
    ("84951234567,89161234567", (OFFICE, IVAN)),
    ("84951234567-89161234567", (OFFICE, IVAN)),
    ("8 495 123-45-67 8 916 123-45-67", (OFFICE, IVAN)),
    ("9161234567 4951234567", (IVAN, OFFICE)),
    ("+74951234567+79161234567", (OFFICE, IVAN)),
    ("8 495 123-45-67\n+375 29 123-45-67", (OFFICE, MINSK)),
    ("раб. 8 495 123-45-67 доб. 12, моб. 8 916 123-45-67", (OFFICE, IVAN)),
    ("8 916 123-45-67, +7 (916) 123 45 67", (IVAN,)),
    ("8(495)123-45-67/68", (OFFICE,)),
]

NO_NUMBER = [
    ("123-45-67", Kind.UNREADABLE),
    ("123-45-67, 765-43-21", Kind.UNREADABLE),
    ("123-45-67 765-43-21", Kind.UNREADABLE),
    ("8 916 123", Kind.UNREADABLE),
    ("+7 916 123", Kind.UNREADABLE),
    ("нет телефона", Kind.UNREADABLE),
    ("-", Kind.UNREADABLE),
    ("1" * 1000, Kind.UNREADABLE),
    ("101", Kind.INTERNAL),
    ("доб. 101", Kind.INTERNAL),
    ("sip:101@pbx.local", Kind.INTERNAL),
    ("*101#", Kind.INTERNAL),
    ("", Kind.HIDDEN),
    (" \u00a0\u200b", Kind.HIDDEN),
    ("anonymous", Kind.HIDDEN),
    ("Anonymous", Kind.HIDDEN),
    ("sip:anonymous@anonymous.invalid", Kind.HIDDEN),
    ("unknown", Kind.HIDDEN),
    ("restricted", Kind.HIDDEN),
    ("hidden", Kind.HIDDEN),
    ("Скрытый номер", Kind.HIDDEN),
    ("номер не определён", Kind.HIDDEN),
]


@pytest.mark.parametrize(("text", "number"), ONE_NUMBER)
def test_a_spelling_gives_its_number(text, number):
    assert numbers_in(text) == Parsed((number,), Kind.NUMBER)


@pytest.mark.parametrize(("text", "numbers"), SEVERAL_NUMBERS)
def test_several_numbers_come_in_order_and_once(text, numbers):
    assert numbers_in(text) == Parsed(numbers, Kind.NUMBER)


@pytest.mark.parametrize(("text", "kind"), NO_NUMBER)
def test_what_holds_no_number_says_of_which_kind_it_is(text, kind):
    assert numbers_in(text) == Parsed((), kind)


def test_the_home_region_decides_how_a_national_number_is_read():
    assert numbers_in("0 44 123 45 67", region="UA").numbers == ("+380441234567",)
    assert numbers_in("8 029 123-45-67", region="BY").numbers == (MINSK,)
    assert numbers_in("8 916 123-45-67", region="KZ").numbers == (IVAN,)
    assert numbers_in("(202) 555-0123", region="US").numbers == ("+12025550123",)


def test_of_a_long_text_the_beginning_is_read_and_no_number_is_halved():
    assert numbers_in("8 916 123-45-67 " + "слово " * 10_000).numbers == (IVAN,)
    assert numbers_in("x" * 248 + " 89161234567").numbers == ()


patient = settings(deadline=None)  # the first number of a country loads its metadata
SPELLING_CHARACTERS = "0123456789 +-()./,;#*[]доб.extнtel:sip@\u00a0\u200b–７"
TEXTS = st.one_of(st.text(max_size=300), st.text(alphabet=SPELLING_CHARACTERS, max_size=60))
RUSSIAN = st.from_regex(r"(\+7|7|8|)[0-9]{10}", fullmatch=True)


@patient
@given(TEXTS)
def test_any_text_is_answered_and_its_numbers_are_e164_without_repetition(text):
    parsed = numbers_in(text)
    assert (parsed.kind is Kind.NUMBER) == bool(parsed.numbers)
    assert len(set(parsed.numbers)) == len(parsed.numbers)
    assert all(number[0] == "+" and number[1:].isdecimal() and 8 <= len(number) <= 16 for number in parsed.numbers)


@patient
@given(TEXTS, st.sampled_from(["RU", "BY", "KZ", "US", "DE"]))
@example("+375 80 291234567", "RU")
def test_a_number_read_again_stays_the_same_in_every_region(text, region):
    for number in numbers_in(text, region).numbers:
        assert numbers_in(number, region).numbers == (number,)
        assert numbers_in(number).numbers == (number,)


@patient
@given(st.one_of(RUSSIAN, st.text(alphabet="0123456789 +-().\u00a0", max_size=24)))
@example("8 10 375 29 123")
@example("8101234567")
@example("+7 8916123456")
def test_the_short_way_gives_what_the_general_way_gives(text):
    assert numbers_in(text) == phones._read(text, "RU")


@patient
@given(RUSSIAN.filter(lambda digits: not digits.startswith("810")), st.data())
def test_typography_between_the_digits_changes_nothing(digits, data):
    start = len(digits) - 10
    noise = st.sampled_from(["", " ", "-", "\u00a0", "\u200b", "–", ".", ") ", " ("])
    spelled = digits[:start] + "".join(data.draw(noise) + digit for digit in digits[start:])
    assert numbers_in(spelled) == numbers_in(digits)


@patient
@given(RUSSIAN, st.integers(1, 9999), st.sampled_from([" доб. ", " вн.", " ext ", ",,", "#", ";", " (доб. "]))
def test_an_extension_changes_nothing(digits, extension, mark):
    assert numbers_in(f"{digits}{mark}{extension}") == numbers_in(digits)


@patient
@given(st.lists(RUSSIAN.filter(lambda digits: not digits.startswith("810")), min_size=1, max_size=6))
def test_numbers_of_a_list_keep_their_order(spelled):
    single = [number for text in spelled for number in numbers_in(text).numbers]
    assert numbers_in("; ".join(spelled)).numbers == tuple(dict.fromkeys(single))
