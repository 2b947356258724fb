"""What an invoice may hold, and the errors for what it may not."""

from decimal import Decimal

from models.values.errors import InvalidDataError

MOST_TEXT = 500
"""Most characters of a description or a note."""
MOST_NAME = 200
"""Most characters of a name, or of a line of an address."""

_LARGEST_EUR = Decimal(10) ** 12


class UnfitInvoiceError(InvalidDataError):
    """An invoice, or a part of one, contradicts the form of invoices.

    Attributes
    ----------
    subject : str
        What is unfit: a field or the number of an invoice.
    reason : str
        What is wrong with it.
    """

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(f"{subject} {reason}")
        self.subject = subject
        self.reason = reason


class UnbalancedInvoiceError(InvalidDataError):
    """Amounts of an invoice do not add up.

    Attributes
    ----------
    subject : str
        Which amount.
    stated_eur, computed_eur : Decimal
        What it says, and what the amounts below it come to [EUR].
    """

    def __init__(self, subject: str, stated_eur: Decimal, computed_eur: Decimal) -> None:
        super().__init__(f"{subject} is {stated_eur} EUR, but comes to {computed_eur} EUR")
        self.subject = subject
        self.stated_eur = stated_eur
        self.computed_eur = computed_eur


def check_text(subject: str, text: str, most: int) -> None:
    """Refuse a text that is blank, too long or cannot be printed.

    Parameters
    ----------
    subject : str
        What it is, for the error.
    text : str
        The text.
    most : int
        Most characters.

    Raises
    ------
    UnfitInvoiceError
        If it is any of these.
    """
    if not text.strip() or len(text) > most or not text.isprintable():
        reason = f"needs 1 to {most} printable characters, not the {len(text)} of {text[:40]!r}"
        raise UnfitInvoiceError(subject, reason)


def check_number(subject: str, number: Decimal, decimals: int) -> None:
    """Refuse what is not finite, not below a million million, or too finely divided.

    Parameters
    ----------
    subject : str
        What it is, for the error.
    number : Decimal
        The number.
    decimals : int
        Most decimals.

    Raises
    ------
    UnfitInvoiceError
        If it is any of these.
    """
    if not number.is_finite() or abs(number) >= _LARGEST_EUR:
        raise UnfitInvoiceError(subject, f"{number} is not a number below {_LARGEST_EUR}")
    if number != round(number, decimals):
        raise UnfitInvoiceError(subject, f"{number} has more than {decimals} decimals")


def check_rate(rate_percent: Decimal) -> None:
    """Refuse a rate of tax that is none.

    Parameters
    ----------
    rate_percent : Decimal
        The rate [%].

    Raises
    ------
    UnfitInvoiceError
        If it is not between 0 and 100, or has more than 2 decimals.
    """
    check_number("rate", rate_percent, 2)
    if not 0 <= rate_percent <= 100:
        raise UnfitInvoiceError("rate", f"{rate_percent} % is not between 0 and 100")
