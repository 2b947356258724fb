"""Coefficients for distributor's files."""

import numpy as np

from models.values.calendar import CLOCK_HOURS


def draw_shares(n_members: int, seed: int) -> np.ndarray:
    """Draw hourly coefficients that sum to one in every hour, shape (n_members, 8760)."""
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, 1_000_001, (n_members - 1, CLOCK_HOURS)), axis=0)
    edges = [np.zeros((1, CLOCK_HOURS), int), cuts, np.full((1, CLOCK_HOURS), 1_000_000)]
    return np.diff(np.concatenate(edges), axis=0)
