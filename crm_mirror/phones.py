"""Any text → the E.164 numbers in it. The call card and every phone value of the CRM pass through here (verdict.md §1).

Pure. Without "+" a number is read as the home region dials it, and only what cannot be that, from 11 digits on, as an
international number that lost its plus (call cards strip it). Lengths decide, not today's list of allotted ranges.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

SHORTEST = 7  # digits of an E.164 number, its country code included
LONGEST_TEXT = 255  # characters; the portal keeps 250, the API takes 255


class Kind(StrEnum):
    """What a text turned out to be."""

    NUMBER = "number"
    INTERNAL = "internal"
    HIDDEN = "hidden"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The numbers of a text in order, each once; none unless `kind` is NUMBER."""

    numbers: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Run:
    """Digits with nothing but typography between them.

    `ends` holds the digit counts after which a separator stands, `gaps` those of them where it is a space or bracket.
    """

    plus: bool
    digits: str
    ends: tuple[int, ...]
    gaps: tuple[int, ...]

    def after(self, count: int) -> Run:
        ends = tuple(end - count for end in self.ends if end > count)
        return Run(False, self.digits[count:], ends, tuple(gap - count for gap in self.gaps if gap > count))


NOISE = str.maketrans("", "", " ()-.\u00a0\u2011\u2013")
PLAIN = re.compile(r"(?:\+7|7|8(?!10)|(?!810))([0-9]{10})")  # 8 10 dials abroad
RUN = re.compile(r"\+?[ (\[{]{0,3}[0-9](?:[ ()\[\]{}.\-]*[0-9])*")
GROUP = re.compile(r"([0-9]+)([^0-9]*)")
HOST = re.compile(r"@\S*")  # sip:number@10.0.0.1
PARAMETER = re.compile(r";[a-z][a-z-]*=[^;>]*", re.IGNORECASE)  # tel:…;ext=12;phone-context=+7
SCHEME = re.compile(r"\b(?:tel|sips?|callto):", re.IGNORECASE)
INTERNAL = re.compile(r"(?:[^\W\d]+\.?:?)?[ *#]*[0-9]{2,5}[ #]*")  # 101, доб. 101, *101#
HIDDEN = re.compile(
    r"anonym|unknown|restricted|hidden|private|withheld|unavailable|blocked|no caller id"
    r"|скрыт|аноним|неизвест|не определ",
    re.IGNORECASE,
)
SPELLED_DASHES, SPELLED_DOTS = "\u2212\u2043\u00ad\u30fc", "\u00b7\u2022\u2024\u2219\u22c5"


def numbers_in(text: str, region: str = "RU") -> Parsed:
    """All E.164 numbers of the text. `region` is the home region (ISO 3166). Never raises."""
    plain = PLAIN.fullmatch(text.translate(NOISE)) if region == "RU" and len(text) < 40 else None
    if plain:
        return Parsed((f"+7{plain[1]}",), Kind.NUMBER)
    return _read(text, region)


def _read(text: str, region: str) -> Parsed:
    """The general path; `numbers_in` may only shorten the way to the same result."""
    cleaned = _without_typography(_whole_values(text))
    numbers = dict.fromkeys(number for run in _runs(cleaned) for number in _numbers_of(run, region))
    if numbers:
        return Parsed(tuple(numbers), Kind.NUMBER)
    return Parsed((), _kind_without_numbers(cleaned) if cleaned or len(text) <= LONGEST_TEXT else Kind.UNREADABLE)


def _kind_without_numbers(cleaned: str) -> Kind:
    if not cleaned or (HIDDEN.search(cleaned) and not re.search("[0-9]", cleaned)):
        return Kind.HIDDEN
    return Kind.INTERNAL if INTERNAL.fullmatch(cleaned) else Kind.UNREADABLE


def _whole_values(text: str) -> str:
    """The text's beginning, without the word that the cut would have halved."""
    return text if len(text) <= LONGEST_TEXT else re.sub(r"[^\s,;/]*$", "", text[:LONGEST_TEXT])


def _without_typography(text: str) -> str:
    """ASCII digits, brackets, dashes, dots, spaces; no host, scheme or parameters of an address."""
    if "%" in text:
        text = unquote(text)
    if not text.isascii():
        text = "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))
    for address_part in (HOST, PARAMETER, SCHEME):
        text = address_part.sub(" ", text)
    return text.strip()


def _plain_character(character: str) -> str:
    if character in SPELLED_DASHES:
        return "-"
    if character in SPELLED_DOTS:
        return "."
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return {"Cf": "", "Mn": "", "Me": "", "Pd": "-", "Zs": " ", "Ps": "(", "Pe": ")"}.get(category, character)


def _runs(text: str) -> Iterator[Run]:
    for match in RUN.finditer(text):
        digits, ends, gaps = "", [], []
        for group, separator in GROUP.findall(match[0]):
            digits += group
            ends.append(len(digits))
            if separator.strip(".-") or not separator:
                gaps.append(len(digits))
        yield Run(match[0].startswith("+"), digits, tuple(ends), tuple(gaps))


def _numbers_of(run: Run, region: str) -> Iterator[str]:
    """Numbers of a run, left to right; two with a space between are one run, so are a number and its extension."""
    while len(run.digits) >= SHORTEST:
        number, length = _first_number(run, region)
        if number:
            yield number
        run = run.after(length)


def _first_number(run: Run, region: str) -> tuple[str | None, int]:
    """The number that the run begins with and how many digits it took; else None and the digits to step over."""
    whole = len(run.digits)
    if number := _home(run, whole, region):
        return number, whole
    # A national number with an extension may look like a number abroad, so a dialled prefix is believed first.
    for end in reversed(run.ends):
        if end < whole and _is_dialled_at_home(run, region) and (number := _home(run, end, region)):
            return number, end
    for end in reversed(run.gaps):
        if number := _abroad(run, end, region) or (_home(run, end, region) if end >= 10 else None):
            return number, end
    return None, run.ends[0]


def _is_dialled_at_home(run: Run, region: str) -> bool:
    country = str(phonenumbers.country_code_for_region(region))
    return not run.plus and run.digits.startswith((_trunk_prefix(region), country))


def _trunk_prefix(region: str) -> str:
    """The 8 of 8 916 …; a character no number holds where the region has none."""
    prefix: str = phonenumbers.ndd_prefix_for_region(region, True) or "-"
    return prefix


def _home(run: Run, end: int, region: str) -> str | None:
    """The first digits read as the home region dials them, its international prefix included."""
    if run.plus:
        return None
    digits, country = run.digits[:end], str(phonenumbers.country_code_for_region(region))
    # The library leaves a country code on that is followed by a range not allotted today: 7 000 123-45-67.
    return _e164(digits, region) or (_e164(f"+{digits}", None) if digits.startswith(country) else None)


def _abroad(run: Run, end: int, region: str) -> str | None:
    """The first digits read as an international number; without "+" or 00 only from 11 digits on."""
    digits = run.digits[:end]
    if run.plus:
        misspelled = digits.startswith(_trunk_prefix(region))  # "+8 916 …"
        return _e164(f"+{digits}", None) or (_e164(digits, region) if misspelled else None)
    if digits.startswith("00"):
        return _e164(f"+{digits[2:]}", None)
    return _e164(f"+{digits}", None) if end >= 11 else None


def _e164(dialled: str, region: str | None) -> str | None:
    """The number in E.164 when it is possible; re-read until it stays the same, as stored numbers are read again."""
    number = _possible(dialled, region)
    while number and (again := _possible(number, None)) != number:
        number = again
    return number


def _possible(dialled: str, region: str | None) -> str | None:
    if len(dialled) > 20:
        return None
    try:
        number = phonenumbers.parse(dialled, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    text: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # +7 with 14 digits, which the metadata allows, is no subscriber: it is a number and its extension, 8 495 … 101.
    if number.country_code == 7 and len(text) != 12:
        return None
    return text if SHORTEST < len(text) <= 16 else None  # "+" and at most 15 digits
