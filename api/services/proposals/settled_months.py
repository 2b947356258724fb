"""Settled months as whole millionths, so that what is shown of them adds up."""

import numpy as np
from numpy.typing import NDArray

from models.values.money import from_micro_eur, round_to_cents
from planner.billing.simulator import Settlement

Whole = NDArray[np.int64]

_MILLION = 1_000_000


def count_millionths(settled: Settlement) -> dict[str, Whole]:
    """Give every member's months as whole millionths of a kWh and of a euro.

    Parameters
    ----------
    settled : Settlement
        Arrays of shape (n_members, n_months).

    Returns
    -------
    dict of str to ndarray of int, shape (n_members, n_months)
        ``consumption``, ``allocated``, ``self_consumed``, ``surplus`` and ``grid_import``, each
        with ``_micro_kwh``; with prices also ``cost_without``, ``cost_with``,
        ``surplus_compensation`` and ``savings``, each with ``_micro_eur``.

    Notes
    -----
    Surplus, energy from the grid and savings are differences of the rounded amounts, not rounded
    themselves: allocated energy is what was used and what was left over, to the last unit.

    Examples
    --------
    >>> month = np.array([[1.0000004]])
    >>> settled = Settlement(month, month, month / 2, month / 2, month / 2)
    >>> {name: int(amount[0, 0]) for name, amount in count_millionths(settled).items()}
    ... # doctest: +NORMALIZE_WHITESPACE
    {'consumption_micro_kwh': 1000000, 'allocated_micro_kwh': 1000000,
     'self_consumed_micro_kwh': 500000, 'surplus_micro_kwh': 500000,
     'grid_import_micro_kwh': 500000}
    """
    consumption, allocated = _round(settled.consumption_kwh), _round(settled.allocated_kwh)
    # A sum of lesser values can come out a rounding error above the sum of the greater ones.
    used = np.minimum(_round(settled.self_consumed_kwh), np.minimum(consumption, allocated))
    return {
        "consumption_micro_kwh": consumption,
        "allocated_micro_kwh": allocated,
        "self_consumed_micro_kwh": used,
        "surplus_micro_kwh": allocated - used,
        "grid_import_micro_kwh": consumption - used,
        **_count_money(settled),
    }


def count_savings(settled: Settlement) -> Whole | None:
    """Give what every member saves in every month as whole millionths of a euro.

    Parameters
    ----------
    settled : Settlement
        Arrays of shape (n_members, n_months).

    Returns
    -------
    ndarray of int, shape (n_members, n_months), or None
        The savings of ``count_millionths``; None without prices.
    """
    return _count_money(settled).get("savings_micro_eur")


def state_savings(savings_micro_eur: Whole | None) -> str | None:
    """Sum savings and state them in euros, rounded to cents once.

    Parameters
    ----------
    savings_micro_eur : ndarray of int or None
        Of any shape, as ``count_savings`` gives them [millionths of EUR].

    Returns
    -------
    str or None
        None without prices.
    """
    if savings_micro_eur is None:
        return None
    return str(round_to_cents(from_micro_eur(int(savings_micro_eur.sum()))))


def _count_money(settled: Settlement) -> dict[str, Whole]:
    """Count costs and what is between them; nothing without prices."""
    without_eur, with_eur = settled.cost_without_eur, settled.cost_with_eur
    earned_eur = settled.surplus_compensation_eur
    if without_eur is None or with_eur is None or earned_eur is None:
        return {}
    cost_without, cost_with = _round(without_eur), _round(with_eur)
    return {
        "cost_without_micro_eur": cost_without,
        "cost_with_micro_eur": cost_with,
        "surplus_compensation_micro_eur": _round(earned_eur),
        "savings_micro_eur": cost_without - cost_with,
    }


def _round(amounts: NDArray[np.float64]) -> Whole:
    return np.rint(amounts * _MILLION).astype(np.int64)
