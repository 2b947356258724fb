"""Limits as callers ask for them: one kind each, in the words of a limits document."""

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, cast

import strawberry
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from api.graphql.enums import describe
from api.graphql.goals import ReferenceRule
from api.graphql.scalars import Coefficient, Euro, Kw, Share
from api.services.proposals.listed_limits import ListedLimit
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.cups import Cups

_NONE = Coefficient(0)
_ALL = Coefficient(MILLIONTHS)
_MEMBERS = "Supply points that it is about; with neither members nor kinds, all."
_KINDS = "Kinds of members that it is about."

_NESTED = {
    ("coefficient", "exactly"): ("value", "exactly"),
    ("coefficient", "at_least"): ("value", "range", "at_least"),
    ("coefficient", "at_most"): ("value", "range", "at_most"),
}
"""Where the input holds what a limits document has side by side."""


class FloorUnit(StrEnum):
    """What a floor keeps."""

    KWH = "kwh"
    EUR = "eur"


describe(
    FloorUnit,
    "What a floor keeps.",
    KWH="Self-consumed energy [kWh].",
    EUR="Savings [EUR].",
)


class _LimitInput(Protocol):
    """One kind of limit."""

    def to_values(self) -> dict[str, object]:
        """Give what was asked for in the names of a limits document."""
        ...


@strawberry.input(description="Every member keeps a share of what a reference gives it.")
class FloorLimitInput:
    """A floor."""

    share: Share = strawberry.field(description="Share that is kept.")
    reference: ReferenceRule = strawberry.field(
        default=ReferenceRule.CONSUMPTION, description="What it is a share of."
    )
    unit: FloorUnit = strawberry.field(default=FloorUnit.KWH, description="What is kept.")
    members: list[Cups] | None = strawberry.field(default=None, description=_MEMBERS)
    kinds: list[str] | None = strawberry.field(default=None, description=_KINDS)

    def to_values(self) -> dict[str, object]:
        """Write the share as decimal text."""
        return {
            "share": Decimal(str(self.share)),
            "reference": self.reference.value,
            "unit": self.unit.value,
        } | _name(self.members, self.kinds)


@strawberry.input(description="Least and greatest coefficient.")
class CoefficientRangeInput:
    """A range."""

    at_least: Coefficient = strawberry.field(default=_NONE, description="Least coefficient.")
    at_most: Coefficient = strawberry.field(default=_ALL, description="Greatest coefficient.")


@strawberry.input(one_of=True, description="Either one coefficient, or a range.")
class CoefficientValueInput:
    """Exactly one of them."""

    exactly: Coefficient | None = strawberry.field(
        default=UNSET, description="The one coefficient."
    )
    range: CoefficientRangeInput | None = strawberry.field(
        default=UNSET, description="Least and greatest coefficient."
    )

    def to_values(self) -> dict[str, object]:
        """Write millionths as decimal text."""
        if self.range:
            return _write_range(self.range.at_least, self.range.at_most)
        return {"exactly": format_coefficient(cast("int", self.exactly))}


@strawberry.input(description="What coefficient, or from which to which, some members get.")
class CoefficientLimitInput:
    """A coefficient."""

    value: CoefficientValueInput = strawberry.field(description="Either exactly, or a range.")
    members: list[Cups] | None = strawberry.field(default=None, description=_MEMBERS)
    kinds: list[str] | None = strawberry.field(default=None, description=_KINDS)

    def to_values(self) -> dict[str, object]:
        """Put value and members side by side."""
        return self.value.to_values() | _name(self.members, self.kinds)


@strawberry.input(description="Least and greatest sum of a group's coefficients.")
class GroupLimitInput:
    """A group."""

    name: str = strawberry.field(
        description="Name of the group, unlike any other's; up to 60 letters, digits, spaces."
    )
    at_least: Coefficient = strawberry.field(default=_NONE, description="Least sum.")
    at_most: Coefficient = strawberry.field(default=_ALL, description="Greatest sum.")
    members: list[Cups] | None = strawberry.field(
        default=None, description="Supply points that belong to it; give members, kinds or both."
    )
    kinds: list[str] | None = strawberry.field(
        default=None, description="Kinds of members that belong to it."
    )

    def to_values(self) -> dict[str, object]:
        """Write millionths as decimal text."""
        limits = _write_range(self.at_least, self.at_most)
        return {"name": self.name} | limits | _name(self.members, self.kinds)


@strawberry.input(description="How far coefficients may move from those in force.")
class ChangeLimitInput:
    """A change."""

    each: Coefficient | None = strawberry.field(
        default=None, description="Greatest change of any member, up or down."
    )
    total: float | None = strawberry.field(
        default=None,
        description="Greatest sum of all changes, up and down, 0 to 2: what one loses and another "
        "gains counts twice.",
    )

    def to_values(self) -> dict[str, object]:
        """Write what is given as decimal text."""
        each = None if self.each is None else format_coefficient(self.each)
        total = None if self.total is None else Decimal(str(self.total))
        return {"each": each, "total": total}


@strawberry.input(one_of=True, description="Coefficients in whole blocks of the plant.")
class BlocksLimitInput:
    """Exactly one way to cut the plant."""

    count: int | None = strawberry.field(
        default=UNSET, description="Into how many blocks, 1 to 1,000,000."
    )
    kw: Kw | None = strawberry.field(default=UNSET, description="Into blocks of how much [kW].")

    def to_values(self) -> dict[str, object]:
        """Give the one that is given."""
        return {"kw": Decimal(str(self.kw))} if self.count is UNSET else {"count": self.count}


@strawberry.input(
    description="No member pays in more than it saves, the yearly cost being shared by coefficient."
)
class ContributionLimitInput:
    """A contribution."""

    yearly_cost_eur: Euro = strawberry.field(description="What all pay in together a year [EUR].")

    def to_values(self) -> dict[str, object]:
        """Hand the cost on."""
        return {"yearly_cost_eur": self.yearly_cost_eur}


@strawberry.input(description="Every member gets its investment back within so many years.")
class PaybackLimitInput:
    """A payback."""

    years: float = strawberry.field(description="Within how many years, above 0.")
    members: list[Cups] | None = strawberry.field(default=None, description=_MEMBERS)
    kinds: list[str] | None = strawberry.field(default=None, description=_KINDS)

    def to_values(self) -> dict[str, object]:
        """Write the years as decimal text."""
        return {"years": Decimal(str(self.years))} | _name(self.members, self.kinds)


@strawberry.input(
    one_of=True,
    description="Something that the coefficients must keep. Floors, coefficients and groups may "
    "come many times, each other kind once.",
)
class LimitInput:
    """Exactly one kind."""

    floor: FloorLimitInput | None = strawberry.field(
        default=UNSET, description="What every member keeps of what a reference gives it."
    )
    coefficient: CoefficientLimitInput | None = strawberry.field(
        default=UNSET, description="Least, greatest or exact coefficient of some members."
    )
    group: GroupLimitInput | None = strawberry.field(
        default=UNSET, description="Least and greatest sum of a group's coefficients."
    )
    change: ChangeLimitInput | None = strawberry.field(
        default=UNSET, description="How far coefficients may move from those in force."
    )
    blocks: BlocksLimitInput | None = strawberry.field(
        default=UNSET, description="Coefficients in whole blocks of the plant."
    )
    contribution: ContributionLimitInput | None = strawberry.field(
        default=UNSET, description="No member pays in more than it saves."
    )
    payback: PaybackLimitInput | None = strawberry.field(
        default=UNSET, description="Every member gets its investment back in time."
    )


def list_limits(given: Sequence[LimitInput]) -> tuple[ListedLimit, ...]:
    """Turn limits into the names of a limits document."""
    return tuple(
        ListedLimit(field.name, cast("_LimitInput", wish).to_values())
        for limit in given
        for field in fields(cast("type", limit))
        if (wish := getattr(limit, field.name)) is not UNSET
    )


def find_input(path: Sequence[str]) -> list[str]:
    """Tell where the input holds a part of a wish."""
    match path:
        case ("limits", place, kind, name, *inner):
            path = ("limits", place, kind, *_NESTED.get((kind, name), (name,)), *inner)
    return [to_camel_case(name) for name in path]


def _write_range(at_least: Coefficient, at_most: Coefficient) -> dict[str, object]:
    """Write millionths as decimal text."""
    return {"at_least": format_coefficient(at_least), "at_most": format_coefficient(at_most)}


def _name(members: list[Cups] | None, kinds: list[str] | None) -> dict[str, object]:
    """Name whom a limit is about; CUPS as plain text."""
    return {"members": members and [str(cups) for cups in members], "kinds": kinds}
