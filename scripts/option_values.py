"""Values of options as they are typed: shares, weights, factors."""

from decimal import Decimal, InvalidOperation

import typer

from planner.goal import CarbonFactor, Weights

_PARTS = ("kwh", "eur", "kg")


def parse_share(text: str) -> Decimal:
    """Read a share as it was typed, without the detour of a float."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise typer.BadParameter(f"{text!r} is not a number") from error


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


def _parse_amount(text: str) -> float:
    """Read a finite number of at least zero."""
    amount = parse_share(text.strip())
    if not (amount.is_finite() and amount >= 0):
        raise typer.BadParameter(f"{text!r} is not a number of at least 0")
    return float(amount)
