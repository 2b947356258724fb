"""Power: whole watts where it is stored, kilowatts where people write it."""

from models.values.errors import InvalidDataError

_W_PER_KW = 1000
_LARGEST_W = 2**31 - 1


def to_watts(power_kw: float) -> int:
    """Express a power in whole watts.

    Parameters
    ----------
    power_kw : float
        Power [kW].

    Returns
    -------
    int
        Power [W], halves to even.

    Raises
    ------
    InvalidDataError
        If nothing would remain, or more than 2,147,483,647 W.

    Examples
    --------
    >>> to_watts(3.45)
    3450
    """
    power_w = power_kw * _W_PER_KW
    if not 0.5 < power_w <= _LARGEST_W:
        greatest = _LARGEST_W // _W_PER_KW
        raise InvalidDataError(
            f"a power of {power_kw} kW is not between 0.001 kW and {greatest} kW"
        )
    return round(power_w)


def to_kw(power_w: int) -> float:
    """Express whole watts in kilowatts.

    Parameters
    ----------
    power_w : int
        Power [W].

    Returns
    -------
    float
        Power [kW].

    Examples
    --------
    >>> to_kw(3450)
    3.45
    """
    return power_w / _W_PER_KW
