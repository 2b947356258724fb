"""Values of options as they are typed: shares, weights, factors, days."""

import re
from datetime import date
from decimal import Decimal

import typer

from loaders.number_text import excerpt_of
from models.values.errors import InvalidDataError
from models.values.money import CENT, to_cents
from models.values.power import to_watts
from planner.goal import CarbonFactor, Objective, Weights

TIE_BREAK = "tie-break"
OBJECTIVES_OF_RESERVE = (Objective.SELF_CONSUMPTION, Objective.SAVINGS)

_YEARS = range(2000, 2100)
_PARTS = ("kwh", "eur", "kg")
_NUMBER = re.compile(
    r"[+-]?(?:nan|inf|(?:[0-9]{1,60}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})(?:e[+-]?[0-9]{1,2})?)",
    re.ASCII | re.IGNORECASE,
)
"""Without what ``Decimal`` takes beyond it: other alphabets' digits, and exponents that an integer
of a million digits is made of."""


def parse_share(typed: str | Decimal) -> Decimal:
    """Read a share as it was typed, without the detour of a float; a default is one already."""
    if isinstance(typed, Decimal):
        return typed
    share = _read_number(typed)
    if share is None:
        raise typer.BadParameter(f"{excerpt_of(typed)} is not a number such as 0.05")
    return share


def parse_mix(text: str) -> Weights:
    """Read weights such as ``kwh=0.05,eur=1``."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, _, weight = part.partition("=")
        if name.strip() not in _PARTS or name.strip() in weights:
            raise typer.BadParameter(f"{part!r} is not one of kwh=, eur= and kg=, each once")
        weights[name.strip()] = _parse_amount(weight)
    return Weights(**weights)


def parse_carbon_factor(text: str) -> CarbonFactor:
    """Read a factor and the source that it comes from, such as ``0.12 system operator, 2024``."""
    amount, _, label = text.strip().partition(" ")
    if not label.strip():
        raise typer.BadParameter(f"{text!r} lacks the source of the figure, behind a space")
    return CarbonFactor(_parse_amount(amount), label.strip())


def parse_power(text: str) -> float:
    """Read a power in kW that can be stored."""
    power = _read_number(text.strip())
    if power is None:
        raise typer.BadParameter(f"{excerpt_of(text)} is not a number of kW such as 4.6")
    try:
        to_watts(float(power))
    except InvalidDataError as error:
        raise typer.BadParameter(str(error)) from error
    return float(power)


def parse_freed(text: str) -> tuple[Decimal, ...]:
    """Read coefficients with commas between them."""
    return tuple(parse_share(part.strip()) for part in text.split(","))


def parse_reserve_objective(text: str) -> Objective:
    """Read what to maximise when vacancies are filled."""
    if text not in OBJECTIVES_OF_RESERVE:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(OBJECTIVES_OF_RESERVE)}")
    return Objective(text)


def parse_seniority(text: str) -> float | None:
    """Read what a year of waiting counts for; nothing where it only settles ties."""
    if text == TIE_BREAK:
        return None
    seniority = _read_number(text)
    if seniority is None:
        raise typer.BadParameter(f"{excerpt_of(text)} is neither {TIE_BREAK} nor a number")
    return float(seniority)


def parse_cents(typed: str | int) -> int:
    """Read an amount such as 12.10 as cents; a default is one already."""
    if isinstance(typed, int):
        return typed
    amount = _read_number(typed.strip())
    if amount is None or not amount.is_finite() or amount != amount.quantize(CENT):
        raise typer.BadParameter(f"{excerpt_of(typed)} is not an amount of euros such as 12.10")
    return to_cents(amount)


def parse_day(text: str) -> date:
    """Read a day such as 2026-11-21."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date such as 2026-11-21") from error


def parse_month(text: str) -> date:
    """Read a month such as 2026-11; its first day stands for it."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise typer.BadParameter(f"{excerpt_of(text)} is not a month such as 2026-11") from error
    if month.year not in _YEARS:
        raise typer.BadParameter(f"{text} is not between {_YEARS[0]} and {_YEARS[-1]}")
    return month


def _parse_amount(text: str) -> float:
    """Read a number of at least zero."""
    amount = _read_number(text.strip())
    if amount is None or not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{excerpt_of(text)} is not a number of at least 0")
    return float(amount)


def _read_number(text: str) -> Decimal | None:
    """Read plain digits; what is not finite is for those to refuse who know the bounds."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None
