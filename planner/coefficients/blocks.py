"""Coefficients in whole blocks: curves that count only there."""

import numpy as np

from planner.curves import ValueCurve


def take_at_blocks(curve: ValueCurve, count: int) -> ValueCurve:
    """Keep a curve's values at whole blocks, and join them by straight lines.

    Parameters
    ----------
    curve : ValueCurve
        What a coefficient is worth.
    count : int
        Blocks of the whole plant.

    Returns
    -------
    ValueCurve
        With knots only at the blocks next to the curve's own: on whole blocks as good as the
        curve, and concave where it is, so that a bound on it is one for coefficients in blocks.

    Examples
    --------
    >>> knots, values = np.array([0.0, 0.3, 1.0]), np.array([0.0, 0.3, 0.3])
    >>> take_at_blocks(ValueCurve(knots, np.array([1.0, 0.0]), values), 2).values.tolist()
    [0.0, 0.3, 0.3]
    """
    beside = np.floor(curve.knots * count), np.ceil(curve.knots * count)
    knots = np.unique(np.concatenate(beside)) / count
    values = np.interp(knots, curve.knots, curve.values)
    return ValueCurve(knots, np.diff(values) / np.diff(knots), values)
