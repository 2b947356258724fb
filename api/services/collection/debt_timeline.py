"""The timeline of a debt: what may be done about it next, and from which day on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.regulation.nonpayment import Nonpayment, nonpayment_on
from models.values.debts import DebtStage
from models.values.period import add_months

DAYS_TO_REMIND = 3
"""Days after the due day at which a debt is first told of, for money on its way to arrive."""

DAYS_TO_DEMAND = 10
"""Days after the reminder at which payment is required."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What may be done about a debt next.

    Attributes
    ----------
    stage : DebtStage
        What.
    from_day : date
        First day on which it may be done.
    """

    stage: DebtStage
    from_day: date


def find_next_step(due_on: date, taken: Mapping[DebtStage, date]) -> NextStep | None:
    """Find what may be done about a debt next.

    Parameters
    ----------
    due_on : date
        Due day of the oldest amount that is overdue.
    taken : mapping of DebtStage to date
        What was done about it, and when.

    Returns
    -------
    NextStep or None
        None when its contract was ended.

    Raises
    ------
    UnknownFigureError
        If the law of the day is not known.

    Notes
    -----
    A reminder, then a demand for payment; 20 days later a notice, 5 days later the suspension, and
    not before two months after the demand the end (docs/billing-rules.md, "Debts"). The days of
    reminder and demand are ours.

    Examples
    --------
    >>> find_next_step(date(2026, 3, 1), {})
    NextStep(stage=<DebtStage.REMINDER: 'reminder'>, from_day=datetime.date(2026, 3, 4))
    """
    stage = next((each for each in DebtStage if each not in taken), None)
    match stage:
        case None:
            return None
        case DebtStage.REMINDER:
            day = due_on + timedelta(days=DAYS_TO_REMIND)
        case DebtStage.DEMAND:
            day = taken[DebtStage.REMINDER] + timedelta(days=DAYS_TO_DEMAND)
        case DebtStage.NOTICE:
            demanded = taken[DebtStage.DEMAND]
            day = demanded + timedelta(days=_take(demanded, Nonpayment.DAYS_TO_PAY))
        case DebtStage.SUSPENSION:
            noticed = taken[DebtStage.NOTICE]
            day = noticed + timedelta(days=_take(noticed, Nonpayment.DAYS_OF_NOTICE))
        case DebtStage.TERMINATION:
            demanded = taken[DebtStage.DEMAND]
            until = add_months(demanded, _take(demanded, Nonpayment.MONTHS_TO_END))
            day = max(until, taken[DebtStage.SUSPENSION])
    return NextStep(stage, day)


def _take(day: date, figure: Nonpayment) -> int:
    return int(nonpayment_on(day, figure).value)
