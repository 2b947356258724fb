"""The limits of a proposal as they were asked for."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import strawberry

from api.graphql.context import Info
from api.graphql.goals import ReferenceRule
from api.graphql.limit_inputs import FloorUnit
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import Coefficient, Euro, Kw, Share
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups


@strawberry.type(description="Whom a limit is about: one supply point, or all of a kind.")
class LimitSubject:
    """One of them is null."""

    cups: Cups | None = strawberry.field(description="Code of the supply point.")
    kind: str | None = strawberry.field(description="Kind of members.")


@strawberry.interface(description="Something that the coefficients had to keep.")
class ProposalLimit:
    """One limit; a subclass says what it asks."""

    wish: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Whom it is about, in their order; empty if it is about all.")
    def subjects(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[LimitSubject]:
        """Page through them."""
        points = [LimitSubject(cups=Cups(name), kind=None) for name in self._names("members")]
        kinds = [LimitSubject(cups=None, kind=name) for name in self._names("kinds")]
        return info.context.loaders.cut([*points, *kinds], first, after)

    def _names(self, name: str) -> Sequence[str]:
        """Read names that may be left out."""
        return self.wish.get(name) or ()

    def _share(self, name: str, otherwise: int | None) -> Coefficient | None:
        """Read a coefficient that may be left out."""
        text = self.wish.get(name)
        share = otherwise if text is None else round(float(text) * MILLIONTHS)
        return None if share is None else Coefficient(share)


@strawberry.type(description="Every member kept a share of what a reference gives it.")
class FloorLimit(ProposalLimit):
    """A floor."""

    @strawberry.field(description="Share that was kept.")
    def share(self) -> Share:
        """Read the wish."""
        return Share(float(self.wish["share"]))

    @strawberry.field(description="What it is a share of.")
    def reference(self) -> ReferenceRule:
        """Read the wish."""
        return ReferenceRule(self.wish.get("reference", ReferenceRule.CONSUMPTION))

    @strawberry.field(description="What was kept.")
    def unit(self) -> FloorUnit:
        """Read the wish."""
        return FloorUnit(self.wish.get("unit", FloorUnit.KWH))


@strawberry.type(description="Least, greatest or exact coefficient of some members.")
class CoefficientLimit(ProposalLimit):
    """A coefficient."""

    @strawberry.field(description="The one coefficient; null if a range was asked for.")
    def exactly(self) -> Coefficient | None:
        """Read the wish."""
        return self._share("exactly", None)

    @strawberry.field(description="Least coefficient; null if exactly one was asked for.")
    def at_least(self) -> Coefficient | None:
        """Read the wish."""
        return None if "exactly" in self.wish else self._share("at_least", 0)

    @strawberry.field(description="Greatest coefficient; null if exactly one was asked for.")
    def at_most(self) -> Coefficient | None:
        """Read the wish."""
        return None if "exactly" in self.wish else self._share("at_most", MILLIONTHS)


@strawberry.type(description="Least and greatest sum of a group's coefficients.")
class GroupLimit(ProposalLimit):
    """A group."""

    @strawberry.field(description="Name of the group.")
    def name(self) -> str:
        """Read the wish."""
        return str(self.wish["name"])

    @strawberry.field(description="Least sum.")
    def at_least(self) -> Coefficient | None:
        """Read the wish."""
        return self._share("at_least", 0)

    @strawberry.field(description="Greatest sum.")
    def at_most(self) -> Coefficient | None:
        """Read the wish."""
        return self._share("at_most", MILLIONTHS)


@strawberry.type(description="How far coefficients could move from those in force.")
class ChangeLimit(ProposalLimit):
    """A change."""

    @strawberry.field(description="Greatest change of any member, up or down.")
    def each(self) -> Coefficient | None:
        """Read the wish."""
        return self._share("each", None)

    @strawberry.field(description="Greatest sum of all changes, up and down.")
    def total(self) -> float | None:
        """Read the wish."""
        return _number(self.wish, "total")


@strawberry.type(description="Coefficients in whole blocks of the plant.")
class BlocksLimit(ProposalLimit):
    """Blocks."""

    @strawberry.field(description="Into how many blocks; null if their power was given.")
    def count(self) -> int | None:
        """Read the wish."""
        return self.wish.get("count")

    @strawberry.field(description="Power of a block [kW]; null if their number was given.")
    def kw(self) -> Kw | None:
        """Read the wish."""
        power = _number(self.wish, "kw")
        return None if power is None else Kw(power)


@strawberry.type(
    description="No member pays in more than it saves, the yearly cost being shared by coefficient."
)
class ContributionLimit(ProposalLimit):
    """A contribution."""

    @strawberry.field(description="What all pay in together a year [EUR].")
    def yearly_cost_eur(self) -> Euro:
        """Read the wish."""
        return Euro(Decimal(self.wish["yearly_cost_eur"]))


@strawberry.type(description="Every member gets its investment back within so many years.")
class PaybackLimit(ProposalLimit):
    """A payback."""

    @strawberry.field(description="Within how many years.")
    def years(self) -> float:
        """Read the wish."""
        return float(self.wish["years"])


LIMITS: dict[str, type[ProposalLimit]] = {
    "floor": FloorLimit,
    "coefficient": CoefficientLimit,
    "group": GroupLimit,
    "change": ChangeLimit,
    "blocks": BlocksLimit,
    "contribution": ContributionLimit,
    "payback": PaybackLimit,
}


def read_limits(document: dict[str, Any]) -> Iterator[ProposalLimit]:
    """Read a limits document, kind by kind."""
    for kind, shown in LIMITS.items():
        wishes = document.get(kind) or []
        for wish in wishes if isinstance(wishes, list) else [wishes]:
            yield shown(wish=wish)


def _number(wish: dict[str, Any], name: str) -> float | None:
    """Read a number that may be left out."""
    text = wish.get(name)
    return None if text is None else float(text)
