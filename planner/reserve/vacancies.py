"""Candidates to freed coefficients: an assignment program, integral by itself.

Those who stay keep their coefficients, so what a candidate brings depends on its vacancy alone.
"""

from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError, InvalidDataError
from planner.coefficients.linear_program import UnprovenError
from planner.coefficients.problem import Millionths
from planner.reserve.candidacy import Candidacy

Values = NDArray[np.float64]

_NOISE = 1e-9
"""Share of the greatest worth below which two worths are the same."""


class FreedSumError(InvalidArgumentError):
    """The freed coefficients and those that stay do not make one.

    Attributes
    ----------
    kept, freed : int
        What the members keep and what is free [millionths].
    """

    def __init__(self, kept: int, freed: int) -> None:
        excess = (kept + freed - MILLIONTHS) / MILLIONTHS
        super().__init__(
            f"the members keep {kept / MILLIONTHS:.6f} and {freed / MILLIONTHS:.6f} are freed: "
            f"{abs(excess):.6f} too {'much' if excess > 0 else 'little'} to make 1"
        )
        self.kept = kept
        self.freed = freed


class UnknownWorthError(InvalidDataError):
    """What a candidate would bring is not a finite number."""

    def __init__(self) -> None:
        super().__init__("what a candidate brings with a vacancy must be a finite number")


class InvalidVacancyError(InvalidArgumentError):
    """A freed coefficient is not a share of the plant.

    Attributes
    ----------
    millionths : int
        What was offered.
    """

    def __init__(self, millionths: int) -> None:
        super().__init__(
            f"a freed coefficient is {millionths / MILLIONTHS:.6f}: must be above 0 and at most 1"
        )
        self.millionths = millionths


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Who takes which vacancy.

    Attributes
    ----------
    candidate_of : ndarray of int, shape (n_vacancies,)
        Position of the candidate in each vacancy; -1 where nobody is left.
    value, upper_bound : float
        What the candidates bring, bonus included, and what no other assignment brings.
    prices : ndarray, shape (n_vacancies,)
        What each vacancy is worth at the margin: its row's dual.
    """

    candidate_of: NDArray[np.intp]
    value: float
    upper_bound: float
    prices: Values


@dataclass(frozen=True, slots=True, eq=False)
class _Duals:
    """Prices of the vacancies and of the candidates."""

    vacancies: Values
    candidates: Values


def check_freed(kept: Millionths, freed: Millionths) -> None:
    """Make sure that what the members keep and what is freed make one.

    Parameters
    ----------
    kept : ndarray of int64, shape (n_members,)
        Coefficients of those who stay [millionths].
    freed : ndarray of int64, shape (n_vacancies,)
        Coefficients to be assigned [millionths].

    Raises
    ------
    InvalidVacancyError
        If a freed coefficient is not above zero and at most one.
    FreedSumError
        If the sum is not exactly one.
    """
    outside = freed[(freed <= 0) | (freed > MILLIONTHS)]
    if outside.size:
        raise InvalidVacancyError(int(outside[0]))
    if kept.sum() + freed.sum() != MILLIONTHS:
        raise FreedSumError(int(kept.sum()), int(freed.sum()))


def assign_vacancies(worth: Values, candidacy: Candidacy) -> Assignment:
    """Assign candidates to vacancies so that they bring most together.

    Parameters
    ----------
    worth : ndarray, shape (n_candidates, n_vacancies)
        What each candidate brings with each vacancy's coefficient [unit of the objective].
    candidacy : Candidacy
        Who may, who must, who goes first.

    Returns
    -------
    Assignment
        Nobody takes two; every vacancy is filled while there are eligible candidates. Of equal
        assignments, the one that admits those of highest precedence, and gives them the
        vacancies that are worth more at the margin.

    Raises
    ------
    NoVacancyError
        If there is no vacancy.
    UnknownWorthError
        If a worth is not a finite number.
    TooManyPinnedError
        If more are pinned than there are vacancies.
    UnprovenError
        If the solver ends without an optimum.

    Notes
    -----
    Rows ``vacancy_j`` and ``candidate_i``; the matrix is that of a bipartite graph, so every
    vertex of the program is whole. A second program chooses among the optima of the first: those
    are the assignments along pairs that the duals price exactly.
    """
    if not np.isfinite(worth).all():
        raise UnknownWorthError
    places = candidacy.places_in(worth.shape[1])
    worth = worth + candidacy.bonus[:, np.newaxis]
    allowed = np.repeat(candidacy.eligible[:, np.newaxis], worth.shape[1], axis=1)
    filled = np.full(worth.shape[1], places == worth.shape[1])
    admitted = candidacy.pinned | (candidacy.eligible & (not filled.all()))
    if not places:
        nobody = np.full(worth.shape[1], -1, dtype=np.intp)
        return Assignment(nobody, 0.0, 0.0, np.zeros(worth.shape[1]))
    duals = _solve(worth, allowed, filled, admitted)[1]
    prices, gains, upper_bound = _bound(worth, candidacy.eligible, filled, admitted, duals)
    noise = _NOISE * float(np.abs(worth).max())
    tight = allowed & (worth >= prices + gains[:, np.newaxis] - noise)
    preference = _prefer_seniors(candidacy.precedence, prices)
    chosen = _solve(preference, tight, filled | (prices > noise), admitted | (gains > noise))[0]
    return Assignment(
        candidate_of=np.where(chosen.any(axis=0), chosen.argmax(axis=0), -1),
        value=float(worth[chosen].sum()),
        upper_bound=upper_bound,
        prices=prices,
    )


def _solve(
    worth: Values,
    allowed: NDArray[np.bool_],
    filled: NDArray[np.bool_],
    admitted: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], _Duals]:
    """Solve the program over the allowed pairs; some rows must be exactly one."""
    program = pulp.LpProblem("vacancies", pulp.LpMaximize)
    pairs = {
        (candidate, vacancy): program.add_variable(f"admit_{candidate}_{vacancy}", 0)
        for candidate, vacancy in np.argwhere(allowed).tolist()
    }
    program.setObjective(
        pulp.LpAffineExpression([(taken, float(worth[pair])) for pair, taken in pairs.items()])
    )
    vacancies = _add_rows(program, "vacancy", pairs, 1, filled)
    candidates = _add_rows(program, "candidate", pairs, 0, admitted)
    program.solve(pulp.HiGHS(msg=False))
    if program.sol_status != pulp.LpSolutionOptimal:
        raise UnprovenError(f"HiGHS ended with {pulp.LpSolution[program.sol_status]}", None)
    chosen = np.zeros(worth.shape, dtype=bool)
    for pair, taken in pairs.items():
        chosen[pair] = taken.value() > 0.5
    return chosen, _Duals(_read_duals(vacancies), _read_duals(candidates))


def _add_rows(
    program: pulp.LpProblem,
    label: str,
    pairs: dict[tuple[int, int], pulp.LpVariable],
    side: int,
    exactly_one: NDArray[np.bool_],
) -> list[pulp.LpConstraint | None]:
    """Let each vacancy, or each candidate, be taken once: exactly, or at most."""
    terms: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in exactly_one]
    for pair, taken in pairs.items():
        terms[pair[side]].append((taken, 1))
    rows: list[pulp.LpConstraint | None] = []
    for number, (row, exact) in enumerate(zip(terms, exactly_one.tolist(), strict=True)):
        total = pulp.LpAffineExpression(row)
        rows.append((total == 1 if exact else total <= 1) if row else None)
        if row:
            program.addConstraint(rows[-1], f"{label}_{number}")
    return rows


def _read_duals(rows: list[pulp.LpConstraint | None]) -> Values:
    """Read the duals, of the minimisation that HiGHS was given, as prices."""
    return np.array([0.0 if row is None else -float(row.pi) for row in rows])


def _bound(
    worth: Values,
    eligible: NDArray[np.bool_],
    filled: NDArray[np.bool_],
    admitted: NDArray[np.bool_],
    duals: _Duals,
) -> tuple[Values, Values, float]:
    """Prove the bound from the vacancies' prices: what each candidate gains at most at them."""
    prices = np.where(filled, duals.vacancies, np.maximum(duals.vacancies, 0.0))
    gains = (worth - prices).max(axis=1)
    gains = np.where(admitted, gains, np.maximum(gains, 0.0)) * eligible
    return prices, gains, float(prices.sum() + gains.sum())


def _prefer_seniors(precedence: NDArray[np.intp], prices: Values) -> Values:
    """Value admissions by precedence, and within that the vacancies by what they are worth."""
    seniority = float(precedence.size) - precedence
    standing = np.argsort(np.argsort(prices, kind="stable")).astype(np.float64)
    most = seniority.size * (standing.size + 1.0) * standing.size
    return seniority[:, np.newaxis] * (most + standing)
