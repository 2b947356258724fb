"""Letters about debts say how to pay all that they tell."""

from datetime import date
from uuid import UUID

import pytest

from api.services.collection.debt_letters import DebtLetter, write_debt_letter
from api.services.collection.open_items import OpenItem
from models.values.debts import DebtStage
from models.values.language import Language

DAY = date(2026, 12, 12)
KEY = UUID(int=1)


def write(
    n_items: int,
    language: Language = Language.ENGLISH,
    stage: DebtStage = DebtStage.REMINDER,
    *,
    is_household: bool = True,
) -> str:
    """Write the text of a letter about some invoices."""
    items = tuple(
        OpenItem(KEY, KEY, KEY, KEY, f"2026-{number}", DAY, DAY, 1210, None, 0)
        for number in range(1, n_items + 1)
    )
    iban = "ES9121000418450200051332"
    letter = DebtLetter(stage, "Ana", "Turo", items, iban, DAY, language, is_household)
    return write_debt_letter(letter)[1]


@pytest.mark.parametrize(
    ("n_items", "told"),
    [
        (1, "and give the number 2026-1."),
        (2, "and give the numbers 2026-1, 2026-2."),
        (6, "and give the numbers 2026-1, 2026-2, 2026-3, 2026-4, 2026-5, …."),
    ],
)
def test_the_numbers_of_all_invoices_are_to_be_given(n_items: int, told: str) -> None:
    assert told in write(n_items)


@pytest.mark.parametrize(
    ("language", "told"),
    [(Language.SPANISH, "los números 2026-1, 2026-2"), (Language.CATALAN, "els números 2026-1")],
)
def test_in_the_payers_language(language: Language, told: str) -> None:
    assert told in write(2, language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("stage", [DebtStage.DEMAND, DebtStage.NOTICE])
def test_only_persons_are_asked_for_what_protects_their_home(
    language: Language, stage: DebtStage
) -> None:
    words = {
        Language.SPANISH: " Si en su hogar alguien depende de un aparato médico",
        Language.CATALAN: " Si a casa vostra algú depèn d’un aparell mèdic",
        Language.ENGLISH: " If somebody in your home depends on a medical device",
    }[language]
    told = write(1, language, stage)
    assert words in told
    kept_out = write(1, language, stage, is_household=False)
    assert words not in kept_out
    assert kept_out == told.replace(told[told.index(words) : told.index("\n\nTuro")], "")
