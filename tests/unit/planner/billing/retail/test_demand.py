"""Power billed where the demand itself is billed: figures by hand from the rule's article."""

import numpy as np
import pytest

from planner.billing.retail.demand import bill_power_in_bands

BANDS = np.array([85, 105, 200])


@pytest.mark.parametrize(
    ("demand_w", "billed_w"),
    [
        (0, 2_945),  # 0.85 x 3,465 = 2,945.25
        (3_638, 3_638),  # up to 1.05 x 3,465 = 3,638.25 the demand itself
        (4_000, 4_724),  # 4,000 + 2 x (4,000 - 3,638.25) = 4,723.5
    ],
)
def test_the_excess_is_rounded_half_up_to_whole_watts(demand_w: int, billed_w: int) -> None:
    assert bill_power_in_bands(np.array(3_465), np.array(demand_w), BANDS) == billed_w
