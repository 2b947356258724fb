"""When sums over members may be told to whoever may not see each of them."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Counted = NDArray[np.bool_]
"""Which supply points count in a sum, interval by interval."""


def count_fewest(
    counted: Counted, owners: Sequence[Hashable], places: Sequence[int] | NDArray[np.intp]
) -> int:
    """Count the members whom a sum is of, from each place to the next, where it is of anybody.

    Parameters
    ----------
    counted : ndarray of bool, shape (n_points, n_steps)
        Which supply points count.
    owners : sequence, length n_points
        Whose each is.
    places : sequence of int
        Where the intervals begin over which is summed; the first is 0.

    Returns
    -------
    int
        The fewest members of an interval; how many there are at all where none has any.

    Notes
    -----
    Members come and go: a month of many may hold days of one.

    Examples
    --------
    >>> came_and_stayed = np.array([[True, True], [False, True]])
    >>> count_fewest(came_and_stayed, ["Ada", "Berta"], [0]), count_fewest(
    ...     came_and_stayed, ["Ada", "Berta"], [0, 1]
    ... )
    (2, 1)
    """
    members = _number(owners)
    n_members = len(set(owners))
    is_in = np.zeros((n_members, len(places)), np.bool_)
    for member, row in zip(members.tolist(), counted, strict=True):
        is_in[member] |= np.logical_or.reduceat(row, places)
    counts = is_in.sum(axis=0)
    return int(np.min(counts, initial=n_members, where=counts > 0))


def are_parts_enough(counted: Counted, owners: Sequence[Hashable], fewest: int) -> bool:
    """Tell whether several sums may all be told, whatever is made of them.

    Parameters
    ----------
    counted : ndarray of bool, shape (n_sums, n_points, n_steps)
        Which supply points count in each sum.
    owners : sequence, length n_points
        Whose each supply point is.
    fewest : int
        How many members nobody may tell apart.

    Returns
    -------
    bool
        Whether in every interval each part of the supply points is of so many members.

    Notes
    -----
    A part is what counts in the same of the sums. Each sum weighs all of a part alike, so does
    every union, every difference and every other linear combination of sums, over any intervals:
    where one member counts in it, all of the part do. Whatever can be reckoned is therefore of
    nobody or of so many. The sum of everybody who counts in any of them adds no part, nor do sums
    of other such groups, so these may be told too.

    Examples
    --------
    Of three who share in one plant, two in another too: less one sum than the other is one of them.

    >>> counted = np.array([[[True], [True], [True]], [[False], [True], [True]]])
    >>> are_parts_enough(counted, ["Ada", "Berta", "Carla"], 2)
    False
    >>> are_parts_enough(counted[:1], ["Ada", "Berta", "Carla"], 2)
    True
    """
    n_sums, n_points, n_steps = counted.shape
    # Intervals that are alike are judged once: coefficients change by the day, if at all.
    packed = np.packbits(counted.reshape(n_sums * n_points, n_steps), axis=0)
    _, first = np.unique(packed, axis=1, return_index=True)
    members = _number(owners)
    for step in first.tolist():
        patterns, part_of = np.unique(counted[:, :, step], axis=1, return_inverse=True)
        pairs = np.unique(np.stack([part_of.reshape(-1), members]), axis=1)
        n_members = np.bincount(pairs[0], minlength=patterns.shape[1])
        if (n_members[patterns.any(axis=0)] < fewest).any():
            return False
    return True


def _number(owners: Sequence[Hashable]) -> NDArray[np.intp]:
    """Give each supply point the number of its member."""
    numbers = {owner: number for number, owner in enumerate(dict.fromkeys(owners))}
    return np.array([numbers[owner] for owner in owners], np.intp)
