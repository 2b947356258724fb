"""The methods that the benchmark compares, and what each brings a community."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TypedDict, TypeVar

from models.values.coefficient import MILLIONTHS
from planner.billing.simulator import simulate_year
from planner.coefficients.certificate import measure_gap
from planner.coefficients.choose import Method, choose_coefficients
from planner.coefficients.hourly_program import (
    HourlySolver,
    is_installed,
    solve_hourly_program,
)
from planner.coefficients.linear_program import UnprovenError
from planner.coefficients.problem import Shares
from planner.coefficients.rules import Rule
from planner.goal import Objective, measure_value
from scripts.benchmark.communities import BenchmarkCommunity

RULES = (Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION)
_ROUNDS = 5
_ENOUGH_SECONDS = 1.0

Result = TypeVar("Result")


class _Named(TypedDict):
    community: str
    method: str
    n_members: int
    n_steps: int
    unit: str


@dataclass(frozen=True, slots=True)
class Line:
    """One method on one community.

    Attributes
    ----------
    community, method : str
        Names.
    n_members, n_steps : int
        Size of the year.
    unit : str
        Of value and bound.
    value, bound : float or None
        What the coefficients bring, from the data, and what none can pass; None where the method
        gave no answer.
    gap : float or None
        ``(bound - value) / bound``.
    seconds : float or None
        From the data to the answer: best of up to five rounds of the fast, one of the slow.
    self_consumption_share : float or None
        Of the generation.
    note : str
        Why there is no answer.
    """

    community: str
    method: str
    n_members: int
    n_steps: int
    unit: str
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    seconds: float | None = None
    self_consumption_share: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much the obvious program may take: seconds of the solver, intervals times members."""

    seconds: float
    most_terms: int


def compare_methods(community: BenchmarkCommunity, patience: Patience) -> Iterator[Line]:
    """Run every method that is installed on one community, ours first."""
    bounds = []
    for method in Method:
        choose = partial(choose_coefficients, community.year, community.goal, method=method)
        choice, seconds = _time(choose)
        bounds.append(choice.upper_bound)
        beta = choice.millionths / MILLIONTHS
        yield _describe(community, f"ours, {method}", beta, choice.upper_bound, seconds)
    for solver in filter(is_installed, HourlySolver):
        yield _solve_hourly(community, solver, patience)
    for rule in RULES:
        beta, seconds = _time(partial(community.year.share_by, rule))
        yield _describe(community, f"rule, {rule}", beta, min(bounds), seconds)


def _solve_hourly(community: BenchmarkCommunity, solver: HourlySolver, patience: Patience) -> Line:
    """Solve the obvious program, if it is small enough, within the time that it may take."""
    method = f"hourly program, {solver}"
    n_terms = int((community.year.generation_kwh > 0).sum()) * community.year.n_members
    if n_terms > patience.most_terms:
        return _excuse(community, method, f"not run: {n_terms:,} rows")
    solve = partial(
        solve_hourly_program,
        community.year,
        community.goal,
        solver=solver,
        time_limit_s=patience.seconds,
    )
    try:
        solution, seconds = _time(solve)
    except UnprovenError as error:
        return _excuse(community, method, f"{error} within {patience.seconds:g} s")
    # Solvers leave the sum a little off one, which would pass for a better value.
    beta = solution.beta / solution.beta.sum()
    return _describe(community, method, beta, solution.value, seconds)


def _time(work: Callable[[], Result]) -> tuple[Result, float]:
    """Do a work until a second is spent, at most five times; return the best time."""
    times: list[float] = []
    while True:
        began = perf_counter()
        result = work()
        times.append(perf_counter() - began)
        if len(times) == _ROUNDS or sum(times) > _ENOUGH_SECONDS:
            return result, min(times)


def _describe(
    community: BenchmarkCommunity, method: str, beta: Shares, bound: float, seconds: float
) -> Line:
    """Settle the year under a method's coefficients."""
    year = community.year
    value = measure_value(year, community.goal, beta)
    settled = simulate_year(beta, year.generation_kwh, year.consumption_kwh, year.month_starts)
    used = float(settled.self_consumed_kwh.sum())
    return Line(
        **_name(community, method),
        value=value,
        bound=bound,
        gap=measure_gap(bound, value),
        seconds=seconds,
        self_consumption_share=used / float(year.generation_kwh.sum()),
    )


def _excuse(community: BenchmarkCommunity, method: str, note: str) -> Line:
    """Say why a method has no answer."""
    return Line(**_name(community, method), note=note)


def _name(community: BenchmarkCommunity, method: str) -> _Named:
    """Say what a line is about."""
    n_members, n_steps = community.year.consumption_kwh.shape
    return _Named(
        community=community.name,
        method=method,
        n_members=n_members,
        n_steps=n_steps,
        unit="EUR" if community.goal.objective is Objective.SAVINGS else "kWh",
    )
