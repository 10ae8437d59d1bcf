"""The sentence for the person at the phone: one per reason, with the names that matter."""

from __future__ import annotations

import pytest
from django.utils import translation

from callguard import explanation
from callguard.messages import client, sentence
from callguard.verdict import (
    Caller,
    Candidate,
    Contact,
    Person,
    Reason,
    Rule,
    RuleSet,
    Status,
    Tier,
    Verdict,
    decide,
    unasked,
)

OLGA, IVAN = Person(7, "Ольга Петрова", True), Person(8, "Иван Сидоров", True)
LEFT, STRANGER = Person(11, "Павел", False), Person(404, None, False)
IN_WORK, WAITING = Status("3", "В работе", 3), Status("1", "В ожидании", 1)
RULES = RuleSet(
    1,
    (
        Rule(Tier.COMPANY, "one", 3, "red", 30, False),
        Rule(Tier.COMPANY, "one", 1, None, -1, False),
        Rule(Tier.COMPANY, "none", None, None, -1, False),
        Rule(Tier.COMPANY_CONTACT, "one", 3, "red", 30, False),
        Rule(Tier.CONTACT, "any", None, "yellow", 20, True),
        Rule(Tier.LEAD, "any", None, "blue", 10, True),
    ),
)


def company(responsible=OLGA, status=IN_WORK, tier=Tier.COMPANY, contact=None):
    return Candidate(tier, 5, "Ромашка", responsible, status, contact)


CASES = [
    (company(), "Чужой клиент: «Ромашка», «В работе», ответственный — Ольга Петрова."),
    (
        company(tier=Tier.COMPANY_CONTACT, contact=Contact(50, "Пётр", IVAN)),
        "Чужой клиент: «Ромашка» (контакт Пётр), «В работе», ответственный — Ольга Петрова.",
    ),
    (company(LEFT), "Чужой клиент: «Ромашка», «В работе», ответственный — Павел (уже не работает)."),
    (company(STRANGER), "Чужой клиент: «Ромашка», «В работе», ответственный — сотрудник № 404."),
    (company(IVAN), "Ваш клиент: «Ромашка»."),
    (company(status=WAITING), "Можно работать: «Ромашка», «В ожидании», ответственный — Ольга Петрова."),
    (company(status=None), "Можно работать: «Ромашка», без статуса, ответственный — Ольга Петрова."),
    (
        company(status=Status("9", "Иное", 9)),
        "Для этого клиента нет правила: «Ромашка», ответственный — Ольга Петрова.",
    ),
    (Candidate(Tier.CONTACT, 1, "Пётр", OLGA), "Контакт без компании: «Пётр», ответственный — Ольга Петрова."),
    (Candidate(Tier.CONTACT, 1, "Пётр", IVAN), "Ваш контакт без компании: «Пётр», ответственный — Иван Сидоров."),
    (Candidate(Tier.LEAD, 1, "Заявка", OLGA), "Известный лид: «Заявка», ответственный — Ольга Петрова."),
    (Candidate(Tier.LEAD, 1, "Заявка", IVAN), "Ваш лид: «Заявка», ответственный — Иван Сидоров."),
]


def verdict_on(candidate: Candidate, *, substitutes: frozenset[int] = frozenset()) -> Verdict:
    return decide([candidate], Caller(IVAN.id, substitutes), RULES)


@pytest.mark.parametrize(("candidate", "expected"), CASES)
def test_a_client_is_told_with_the_responsible(candidate, expected):
    with translation.override("ru"):
        assert sentence(verdict_on(candidate)) == expected


def test_a_substitute_is_told_for_whom():
    with translation.override("ru"):
        said = sentence(verdict_on(company(), substitutes=frozenset({OLGA.id})))
    assert said == "Вы замещаете: Ольга Петрова. Клиент: «Ромашка»."


@pytest.mark.parametrize(
    "reason", [Reason.UNKNOWN_NUMBER, Reason.HIDDEN_NUMBER, Reason.INTERNAL_NUMBER, Reason.MIRROR_EMPTY]
)
def test_every_reason_without_a_client_has_its_sentence_in_both_languages(reason):
    said = []
    for language in ("ru", "en"):
        with translation.override(language):
            said.append(sentence(unasked(reason, RULES)))
    assert all(text.endswith(".") for text in said)
    assert said[0] != said[1]


def test_english_names_the_responsible_too():
    with translation.override("en"):
        said = sentence(verdict_on(company()))
    assert said == "A colleague's client: “Ромашка”, “В работе”, responsible: Ольга Петрова."


def test_the_explanation_reads_as_text_tier_by_tier():
    rivals = [company(tier=Tier.COMPANY_CONTACT, contact=Contact(50, "Пётр", IVAN)), company(IVAN, WAITING)]
    with translation.override("ru"):
        assert explanation.lines(verdict_on(rivals[0])) == [
            "1. Компании с этим номером: ничего не найдено",
            "2. Компании, у контакта которых этот номер: найдено: 1",
            "   → «Ромашка» (контакт Пётр), ID 5; ответственный: Ольга Петрова; статус: В работе; "
            "правило: «В работе» → red; итог: red",
            "   Здесь что-то нашлось, поэтому дальше не ищем.",
        ]
        assert explanation.lines(verdict_on(rivals[1]))[1] == (
            "   → «Ромашка», ID 5; ответственный: Иван Сидоров; статус: В ожидании; "
            "правило: «В ожидании» → без цвета; итог: без цвета: клиент самого звонящего"
        )


def test_the_explanation_of_nothing_names_all_four_steps():
    with translation.override("ru"):
        said = explanation.lines(decide([], Caller(8), RULES))
    assert [line[:2] for line in said] == ["1.", "2.", "3.", "4.", "  "]
    assert said[-1].strip() == "Это был последний шаг: ничего не нашлось."


def test_a_name_with_quotation_marks_of_its_own_gets_no_second_pair():
    company = Candidate(Tier.COMPANY, 1, "ООО «Ромашка»")
    plain = Candidate(Tier.COMPANY, 1, "Ромашка")
    with translation.override("ru"):
        assert (client(company), client(plain)) == ("ООО «Ромашка»", "«Ромашка»")
