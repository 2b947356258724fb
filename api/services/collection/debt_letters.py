"""What members read of their debts, in each language."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from api.services.collection.open_items import OpenItem
from loaders.invoice_pdf.number_forms import show_day, show_eur
from loaders.typst_pages import read_texts
from models.values.debts import DebtStage
from models.values.language import Language

_TEXTS, _PAGE = "api.services.collection.debt_texts", "loaders.invoice_pdf"
_LONGEST_SUBJECT = 200
_MOST_ITEMS = 50
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class DebtLetter:
    """What a letter tells.

    Attributes
    ----------
    stage : DebtStage
        Which letter it is.
    recipient, issuer : str
        Names of who owes and to whom.
    items : tuple of OpenItem
        What is overdue.
    account : str or None
        Account to pay to, the issuer's own, masked: it is told when the letter leaves. None where
        none is known.
    pay_before : date
        Day before which to pay, or what the letter announces may follow.
    language : Language
        Of the letter.
    is_household : bool
        Whether it goes to a person, whose supply may have to be protected.
    is_protected : bool
        Whether the supply is protected: it is not threatened with what cannot be done.
    """

    stage: DebtStage
    recipient: str
    issuer: str
    items: tuple[OpenItem, ...]
    account: str | None
    pay_before: date
    language: Language
    is_household: bool
    is_protected: bool = False


def write_debt_letter(letter: DebtLetter) -> tuple[str, str]:
    """Write subject and text of a letter about a debt.

    Parameters
    ----------
    letter : DebtLetter
        What it tells.

    Returns
    -------
    tuple of str
        Subject and text; at most 50 amounts one by one, and 5 numbers to give when paying.
    """
    texts, forms = read_texts(_TEXTS, letter.language), read_texts(_PAGE, letter.language)
    total = sum((item.open_eur for item in letter.items), Decimal(0))
    lines = [_tell_item(item, texts, forms) for item in letter.items[:_MOST_ITEMS]]
    if more := len(letter.items) - len(lines):
        lines.append(texts["more"].format(count=more))
    facts = {
        "recipient": letter.recipient,
        "issuer": letter.issuer,
        "amount": show_eur(total, forms),
        "items": "\n".join(lines),
        "pay_before": show_day(letter.pay_before, forms),
        "how": _tell_how(letter, texts),
        "household": f" {texts['household']}" if letter.is_household else "",
        "consequence": "" if letter.is_protected else f"{texts['consequence']} ",
    }
    stage = texts[letter.stage.value]
    subject = _plain(stage["subject"].format(**facts))[:_LONGEST_SUBJECT]
    return subject, _plain(stage["text"].format(**facts)).strip()


def _tell_item(item: OpenItem, texts: dict[str, str], forms: dict[str, Any]) -> str:
    return texts["item" if item.instalment is None else "instalment"].format(
        number=item.number,
        day=show_day(item.due_on, forms),
        amount=show_eur(item.open_eur, forms),
        position=item.instalment,
        count=item.instalment_count,
    )


def _tell_how(letter: DebtLetter, texts: dict[str, str]) -> str:
    if letter.account is None:
        return texts["by_answer"]
    numbers = list(dict.fromkeys(item.number for item in letter.items))
    named = ", ".join(numbers[:_MOST_NAMED]) + (", …" if len(numbers) > _MOST_NAMED else "")
    key = "by_transfer" if len(numbers) == 1 else "by_transfer_of_several"
    return texts[key].format(iban=letter.account, numbers=named)


def _plain(text: str) -> str:
    # A program that shows plain text breaks its lines where it likes.
    return text.replace("\u00a0", " ").replace("\u202f", " ")
