"""Sums of few are not told, not even within a year of many."""

from uuid import UUID

import numpy as np
import pytest

from api.services.energy.enough_members import TooFewMembersError, require_enough_at_once

ANA, BEA, CAI = (UUID(int=place) for place in range(3))


@pytest.mark.parametrize(
    ("rows", "owners", "is_told"),
    [
        ([[0, 1], [0, 1], [0, 1]], (ANA, BEA, CAI), True),
        ([[0, 0], [0, 0], [0, 0]], (ANA, BEA, CAI), True),
        # Two of them come later: what was shared before is of one.
        ([[1, 1], [0, 1], [0, 1]], (ANA, BEA, CAI), False),
        # One leaves.
        ([[1, 1], [1, 1], [1, 0]], (ANA, BEA, CAI), False),
        # Three supply points, two members.
        ([[1, 1], [1, 1], [1, 1]], (ANA, BEA, BEA), False),
    ],
)
def test_every_interval_that_is_shared_is_of_enough(rows, owners, is_told):
    allocated = np.array(rows, float)
    if is_told:
        require_enough_at_once(allocated, owners, 3)
        return
    with pytest.raises(TooFewMembersError) as refused:
        require_enough_at_once(allocated, owners, 3)
    assert refused.value.fewest == 3
