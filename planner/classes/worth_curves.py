"""What a coefficient is worth where a kWh used and a kWh spilled count differently."""

import numpy as np
from numpy.typing import NDArray

from planner.curves import ValueCurve, add_curves, build_energy_curves

Values = NDArray[np.float64]


def build_worth_curve(
    consumption_kwh: Values, generation_kwh: Values, used_worth: Values, spilled_worth: Values
) -> ValueCurve:
    """Build one member's value as a function of its coefficient.

    Parameters
    ----------
    consumption_kwh, generation_kwh : ndarray, shape (n_steps,)
        The member's boundary meter readings and the net generation [kWh].
    used_worth, spilled_worth : ndarray, shape (n_steps,)
        Worth of a kWh that the member uses, and of one that it spills [1/kWh].

    Returns
    -------
    ValueCurve
        Concave unless a kWh is worth more spilled than used.

    Notes
    -----
    ``sum of (u - v) min(beta G, C) + v beta G``. A positive weight goes inside the minimum: the
    first part is the energy curve of weighted energy, the second a straight line.

    Examples
    --------
    >>> curve = build_worth_curve(np.array([2.0]), np.array([4.0]), np.array([3.0]), np.ones(1))
    >>> curve.knots.tolist(), curve.values.tolist()
    ([0.0, 0.5, 1.0], [0.0, 6.0, 8.0])
    """
    premium = used_worth - spilled_worth
    generation = np.maximum(generation_kwh, 0.0)
    if_spilled = float(spilled_worth @ generation)
    curve = _weigh_energy(consumption_kwh, generation, np.maximum(premium, 0.0))
    if (premium < 0).any():
        loss = _weigh_energy(consumption_kwh, generation, np.maximum(-premium, 0.0))
        curve = add_curves([curve, ValueCurve(loss.knots, -loss.slopes, -loss.values)])
    return ValueCurve(
        curve.knots, curve.slopes + if_spilled, curve.values + if_spilled * curve.knots
    )


def _weigh_energy(consumption: Values, generation: Values, weight: Values) -> ValueCurve:
    """Build the curve of self-consumed energy, each interval counted by a weight."""
    (curve,) = build_energy_curves((weight * consumption)[np.newaxis], weight * generation)
    return curve
