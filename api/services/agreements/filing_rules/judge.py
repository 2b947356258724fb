"""Hold an agreement against every rule of filing."""

from collections.abc import Callable, Iterator

from api.services.agreements.filing_rules.clocks import (
    check_file_year,
    check_in_flight,
    check_interval,
)
from api.services.agreements.filing_rules.coefficients import check_members, check_state, check_sums
from api.services.agreements.filing_rules.findings import FilingCase, Finding
from api.services.agreements.filing_rules.plant import (
    check_connection,
    check_distance,
    check_modality,
    check_power,
)

_RULES: tuple[Callable[[FilingCase], Iterator[Finding]], ...] = (
    check_state,
    check_in_flight,
    check_interval,
    check_file_year,
    check_members,
    check_sums,
    check_modality,
    check_power,
    check_connection,
    check_distance,
)


def judge_filing(case: FilingCase) -> tuple[Finding, ...]:
    """Collect what every rule finds.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Returns
    -------
    tuple of Finding
        In the order of the rules; empty when all is well and known.

    Raises
    ------
    UnknownFigureError
        If the law of the day of filing is not known.
    """
    return tuple(finding for rule in _RULES for finding in rule(case))
