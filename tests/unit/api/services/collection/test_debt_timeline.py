"""The timeline of a debt, day by day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.services.collection.debt_timeline import NextStep, find_next_step
from models.values.debts import DebtStage

S = DebtStage


def test_the_timeline_by_hand() -> None:
    taken: dict[DebtStage, date] = {}
    allowed = []
    due_on = date(2026, 1, 31)
    while step := find_next_step(due_on, taken):
        allowed.append((step.stage, step.from_day))
        taken[step.stage] = step.from_day
    # Three days, ten more; then 20 days, 5 days, and two months since the demand.
    assert allowed == [
        (S.REMINDER, date(2026, 2, 3)),
        (S.DEMAND, date(2026, 2, 13)),
        (S.NOTICE, date(2026, 3, 5)),
        (S.SUSPENSION, date(2026, 3, 10)),
        (S.TERMINATION, date(2026, 4, 13)),
    ]


def test_nothing_ends_before_it_is_suspended() -> None:
    taken = {
        S.REMINDER: date(2026, 1, 1),
        S.DEMAND: date(2026, 1, 11),
        S.NOTICE: date(2026, 6, 1),
        S.SUSPENSION: date(2026, 6, 6),
    }
    assert find_next_step(date(2025, 12, 1), taken) == NextStep(S.TERMINATION, date(2026, 6, 6))


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.lists(st.integers(0, 90), max_size=5))
def test_every_step_leaves_the_days_of_the_one_before(due_on: date, delays: list[int]) -> None:
    taken: dict[DebtStage, date] = {}
    for delay in delays:
        step = find_next_step(due_on, taken)
        assert step is not None
        assert step.from_day >= max(taken.values(), default=due_on)
        taken[step.stage] = step.from_day + timedelta(days=delay)
    if S.NOTICE in taken:
        assert (taken[S.NOTICE] - taken[S.DEMAND]).days >= 20
    if S.SUSPENSION in taken:
        assert (taken[S.SUSPENSION] - taken[S.NOTICE]).days >= 5
