"""Money: amounts in whole cents, rounded once, halves away from zero."""

from decimal import ROUND_HALF_UP, Decimal

from models.values.errors import InvalidDataError

CENT = Decimal("0.01")


def round_to_cents(amount_eur: float | Decimal) -> Decimal:
    """Round an amount to cents, halves away from zero as bills do.

    Parameters
    ----------
    amount_eur : float or Decimal
        Amount [EUR]. A float is taken at its shortest decimal form.

    Returns
    -------
    Decimal
        Amount [EUR] with two decimals; never a negative zero.

    Raises
    ------
    InvalidDataError
        If the amount is not finite.

    Examples
    --------
    >>> round_to_cents(2.675)
    Decimal('2.68')
    """
    exact = Decimal(str(amount_eur)) if isinstance(amount_eur, float) else amount_eur
    if not exact.is_finite():
        raise InvalidDataError(f"amount {amount_eur} is not a number")
    return exact.quantize(CENT, ROUND_HALF_UP) + Decimal("0.00")


def to_cents(amount_eur: float | Decimal) -> int:
    """Express an amount in whole cents, as it is stored.

    Parameters
    ----------
    amount_eur : float or Decimal
        Amount [EUR].

    Returns
    -------
    int
        Cents, halves away from zero.

    Raises
    ------
    InvalidDataError
        If the amount is not finite.

    Examples
    --------
    >>> to_cents(2.675)
    268
    """
    return int(round_to_cents(amount_eur) * 100)


def from_cents(cents: int) -> Decimal:
    """Express stored cents as an amount.

    Parameters
    ----------
    cents : int
        Whole cents.

    Returns
    -------
    Decimal
        Amount [EUR] with two decimals.

    Examples
    --------
    >>> from_cents(268)
    Decimal('2.68')
    """
    return Decimal(cents).scaleb(-2)


def from_micro_eur(micro_eur: int) -> Decimal:
    """Express stored millionths of a euro as an amount.

    Parameters
    ----------
    micro_eur : int
        Whole millionths [1e-6 EUR].

    Returns
    -------
    Decimal
        Amount [EUR] with six decimals.

    Examples
    --------
    >>> from_micro_eur(2_675_004)
    Decimal('2.675004')
    """
    return Decimal(micro_eur).scaleb(-6)


def from_nano_eur(nano_eur: int) -> Decimal:
    """Express whole billionths of a euro as an amount.

    Parameters
    ----------
    nano_eur : int
        Whole billionths [1e-9 EUR].

    Returns
    -------
    Decimal
        Amount [EUR] with nine decimals.

    Examples
    --------
    >>> from_nano_eur(2_675_004_001)
    Decimal('2.675004001')
    """
    return Decimal(nano_eur).scaleb(-9)
