"""Chance with a memory: what happens now resembles what happened just before."""

from itertools import accumulate
from math import sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


def persistent_noise(rng: Generator, size: int, persistence: float) -> NDArray[np.float64]:
    """Draw a series of mean 0 and variance 1 whose neighbours correlate by ``persistence``."""
    shocks = rng.standard_normal(size)
    shocks[1:] *= sqrt(1 - persistence**2)
    series = accumulate(shocks.tolist(), lambda before, shock: persistence * before + shock)
    return np.fromiter(series, dtype=np.float64, count=size)


def persistent_factor(
    rng: Generator, size: int, persistence: float, spread: float
) -> NDArray[np.float64]:
    """Draw positive factors of mean 1 whose logarithms have the standard deviation ``spread``."""
    return np.exp(spread * persistent_noise(rng, size, persistence) - spread**2 / 2)
