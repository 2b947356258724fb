"""The obvious linear program, a variable for each member and interval: slow, and an oracle."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import pulp

from models.values.errors import InvalidArgumentError
from planner.coefficients.linear_program import UnprovenError
from planner.coefficients.problem import Shares
from planner.goal import Goal, MissingPricesError, find_convex_steps
from planner.member_prices import StepPrices, write_out
from planner.sharing_year import SharingYear

_ENERGY = Goal()


class HourlySolver(StrEnum):
    """Who solves the program."""

    HIGHS = "HiGHS"
    CBC = "CBC"


class HourlyProgramError(InvalidArgumentError):
    """A goal that is no linear program, hour by hour."""


@dataclass(frozen=True, slots=True, eq=False)
class HourlySolution:
    """What the program ends with.

    Attributes
    ----------
    beta : ndarray, shape (n_members,)
        Coefficients [1].
    value : float
        The program's objective [unit of the goal].
    """

    beta: Shares
    value: float


def solve_hourly_program(
    year: SharingYear,
    goal: Goal = _ENERGY,
    bounds: tuple[Shares | float, Shares | float] = (0.0, 1.0),
    solver: HourlySolver = HourlySolver.HIGHS,
    time_limit_s: float | None = None,
) -> HourlySolution:
    """Find the optimal coefficients as everybody would write it down first.

    Parameters
    ----------
    year : SharingYear
        Energy and prices.
    goal : Goal
        A sum of energy, savings and CO2.
    bounds : tuple of two floats or ndarrays of shape (n_members,)
        Least and greatest coefficient [1].
    solver : HourlySolver
        Who solves it.
    time_limit_s : float, optional
        How long the solver may take, without the building of the program [s].

    Returns
    -------
    HourlySolution
        A proven optimum.

    Raises
    ------
    HourlyProgramError
        If the goal raises the worst-off member, or counts savings where surplus earns more than
        energy costs in some interval.
    MissingPricesError
        If savings count and the year has no prices.
    UnprovenError
        If the solver ends without an optimum, as at its time limit.

    Notes
    -----
    Self-consumed energy is at most the allocated and at most the consumed energy of its interval;
    a month's saving is at most what it is without a cap, and at most the cap. An optimum meets
    one of the two each time.
    """
    if not (goal.kwh_weight or goal.weights.eur):
        raise HourlyProgramError(f"the hourly program cannot maximise {goal.objective}")
    n_convex = find_convex_steps(year, goal).size
    if n_convex:
        raise HourlyProgramError(
            "the hourly program needs energy to cost at least what surplus earns, which it does "
            f"not in {n_convex} of {year.generation_kwh.size} intervals"
        )
    program = pulp.LpProblem("hourly", pulp.LpMaximize)
    beta = _add_coefficients(program, year.n_members, bounds)
    used = _add_self_consumed(program, year, beta)
    worth = np.full(year.consumption_kwh.shape, goal.kwh_weight)
    value = []
    if goal.weights.eur:
        if year.prices is None:
            raise MissingPricesError
        prices = write_out(year.prices)
        worth += goal.weights.eur * prices.beyond_limit
        capped = _add_capped_savings(program, year, prices, beta, used)
        value += [(saved, goal.weights.eur) for saved in capped]
    for row, energies in zip(worth.tolist(), used, strict=True):
        value += [(energy, row[step]) for step, energy in energies.items()]
    program.setObjective(pulp.LpAffineExpression(value))
    program.solve(_start(solver, time_limit_s))
    if program.sol_status != pulp.LpSolutionOptimal:
        raise UnprovenError(f"{solver} ended with {pulp.LpSolution[program.sol_status]}", None)
    shares = np.array([share.value() for share in beta], dtype=np.float64)
    return HourlySolution(beta=shares, value=float(pulp.value(program.objective)))


def is_installed(solver: HourlySolver) -> bool:
    """Tell whether a solver is here to be called.

    Parameters
    ----------
    solver : HourlySolver
        Which one.

    Returns
    -------
    bool
        False for CBC where PuLP brings no build of it for the machine.
    """
    return bool(_start(solver, None).available())


def _start(solver: HourlySolver, time_limit_s: float | None) -> pulp.LpSolver:
    """Prepare a solver; CBC is the one that comes with PuLP."""
    if solver is HourlySolver.HIGHS:
        return pulp.HiGHS(msg=False, timeLimit=time_limit_s)
    path = pulp.PULP_CBC_CMD.pulp_cbc_path
    return pulp.COIN_CMD(path=path, msg=False, timeLimit=time_limit_s)


def _add_coefficients(
    program: pulp.LpProblem, n_members: int, bounds: tuple[Shares | float, Shares | float]
) -> list[pulp.LpVariable]:
    """Add coefficients within bounds that sum to one."""
    lower, upper = (np.broadcast_to(bound, n_members).tolist() for bound in bounds)
    beta = [
        program.add_variable(f"beta_{member}", low, high)
        for member, (low, high) in enumerate(zip(lower, upper, strict=True))
    ]
    program.addConstraint(pulp.LpAffineExpression([(share, 1.0) for share in beta]) == 1, "sum")
    return beta


def _add_self_consumed(
    program: pulp.LpProblem, year: SharingYear, beta: list[pulp.LpVariable]
) -> list[dict[int, pulp.LpVariable]]:
    """Add each member's self-consumed energy of each interval with generation."""
    used: list[dict[int, pulp.LpVariable]] = [{} for _ in beta]
    for step in np.flatnonzero(year.generation_kwh > 0).tolist():
        generation = float(year.generation_kwh[step])
        for member, share in enumerate(beta):
            consumption = float(year.consumption_kwh[member, step])
            energy = program.add_variable(f"used_{member}_{step}", 0, consumption)
            allocated = pulp.LpAffineExpression([(energy, 1.0), (share, -generation)])
            program.addConstraint(allocated <= 0, f"allocated_{member}_{step}")
            used[member][step] = energy
    return used


def _add_capped_savings(
    program: pulp.LpProblem,
    year: SharingYear,
    prices: StepPrices,
    beta: list[pulp.LpVariable],
    used: list[dict[int, pulp.LpVariable]],
) -> list[pulp.LpVariable]:
    """Add what the cap of RD 244/2019, article 14, lets through of each member's month."""
    starts = year.month_starts
    months = list(pairwise([*starts.tolist(), year.generation_kwh.size]))
    premium = np.broadcast_to(prices.ceiling - prices.surplus, year.consumption_kwh.shape).tolist()
    caps = np.add.reduceat(year.consumption_kwh * prices.ceiling, starts, axis=1)
    surplus = prices.surplus * np.maximum(year.generation_kwh, 0.0)
    if_all_is_surplus = np.broadcast_to(np.add.reduceat(surplus, starts, axis=1), caps.shape)
    savings = []
    for member, (share, energies) in enumerate(zip(beta, used, strict=True)):
        for month, (start, end) in enumerate(months):
            saved = program.add_variable(
                f"saved_{member}_{start}", None, float(caps[member, month])
            )
            steps = (step for step in range(start, end) if step in energies)
            terms = [(energies[step], premium[member][step]) for step in steps]
            earned = (share, float(if_all_is_surplus[member, month]))
            row = pulp.LpAffineExpression([(saved, -1.0), earned, *terms]) >= 0
            program.addConstraint(row, f"cap_{member}_{start}")
            savings.append(saved)
    return savings
