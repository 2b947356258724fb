"""Why a direct debit came back, what that means and what to do: one entry a code.

The codes are ISO 20022's, as the European Payments Council uses them for direct debits.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from models.values.certainty import Certainty
from models.values.language import Language


class NextStep(StrEnum):
    """What to do after a return."""

    RETRY = "retry"
    """Collect again, with the same mandate."""
    CORRECT = "correct"
    """Correct our data, then collect again with the same mandate."""
    ASK = "ask"
    """Ask the payer before anything else; the mandate may still hold."""
    NEW_ACCOUNT = "new-account"
    """Ask for another account: this one cannot be debited."""
    NEW_MANDATE = "new-mandate"
    """The mandate is dead: collect nothing more with it."""
    OTHER_MEANS = "other-means"
    """Collect by other means: this payer is out of reach of direct debits."""
    NONE = "none"
    """Nothing is owed for it: it was collected before."""

    @property
    def allows_retry(self) -> bool:
        """Whether the debit may be collected again with the mandate as it is."""
        return self in (NextStep.RETRY, NextStep.CORRECT)

    @property
    def ends_mandate(self) -> bool:
        """Whether nothing may be collected with the mandate any more."""
        return self in (NextStep.NEW_MANDATE, NextStep.OTHER_MEANS)


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """Why a debit came back.

    Attributes
    ----------
    code : str
        Code of the reason.
    next_step : NextStep
        What to do.
    source : str
        Where the code stands.
    certainty : Certainty
        How code and step are known.
    is_known : bool
        Whether the table has the code; the step of another is to ask.
    """

    code: str
    next_step: NextStep
    source: str
    certainty: Certainty
    is_known: bool = True


def find_return_reason(code: str) -> ReturnReason:
    """Find what a code means for the debit and its mandate.

    Parameters
    ----------
    code : str
        As a statement or a report gives it.

    Returns
    -------
    ReturnReason
        Banks may use codes of their own, so none is refused.

    Examples
    --------
    >>> find_return_reason("AM04").next_step.allows_retry
    True
    >>> find_return_reason("MD01").next_step.ends_mandate
    True
    """
    table = _read_table("codes")
    entry = table["codes"].get(code)
    if entry is None:
        return ReturnReason(code, NextStep.ASK, "", Certainty.RECALLED, is_known=False)
    return ReturnReason(
        code=code,
        next_step=NextStep(entry["next"]),
        source=table["sources"][entry["source"]],
        certainty=Certainty(entry["certainty"]),
    )


def explain_return(code: str, language: Language) -> str:
    """Say in plain words why a debit came back and what to do.

    Parameters
    ----------
    code : str
        As a statement or a report gives it.
    language : Language
        Language of the sentences, one TOML file each beside this one.

    Returns
    -------
    str
        Two sentences.

    Examples
    --------
    >>> explain_return("AM04", Language.ENGLISH)
    'There was not enough money in the account. You can collect again with the same mandate.'
    """
    texts = _read_table(language)
    reason = find_return_reason(code)
    why = texts["reasons"][code] if reason.is_known else texts["unknown"].format(code=code)
    return f"{why} {texts['steps'][reason.next_step]}"


@cache
def _read_table(name: str) -> dict[str, Any]:
    """Read a file of this package."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
