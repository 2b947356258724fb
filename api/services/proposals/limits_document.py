"""The limits of a plan as a document: a TOML file of the command line, JSON in a stored request."""

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from loaders.records import MemberRecord
from loaders.typed_document import (
    UnreadableDocumentError,
    describe_faults,
    name_some,
    read_toml_file,
)
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    Limit,
    PaybackLimit,
)
from planner.coefficients.rules import Rule

_GRID = Decimal("0.000001")

Share = Annotated[Decimal, Field(ge=0, le=1, allow_inf_nan=False)]
"""A coefficient, or a share of something, between 0 and 1."""
Positive = Annotated[Decimal, Field(gt=0, allow_inf_nan=False, max_digits=15)]
NotNegative = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=15)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Names = Annotated[list[Name], Field(min_length=1, max_length=100_000)]

FindMembers = Callable[[Sequence[str] | None, Sequence[str] | None], tuple[int, ...] | None]
"""Positions of members by their ids or CUPS, and by their kinds; None for everybody."""


class LimitsDocumentError(InvalidArgumentError):
    """A limits document says what cannot be understood.

    Attributes
    ----------
    faults : tuple of str
        Where, and why, each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(f"limits: {name_some(faults, '; ')}")
        self.faults = tuple(faults)


class UnknownMembersError(InvalidArgumentError):
    """A limit names members, or kinds of members, that do not share.

    Attributes
    ----------
    names : tuple of str
        What was named.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"limits: nobody who shares has the id, CUPS or kind {name_some(names, ', ')}; "
            "see members.csv"
        )
        self.names = tuple(names)


class _Wish(BaseModel):
    """One limit as it is written; unknown keys are refused, so that a slip is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfMembers(_Wish):
    """A limit of some members, named one by one or by kind; of all if neither is given."""

    members: Names | None = None
    kinds: Names | None = None


class _OfRange(_OfMembers):
    """A limit from below and from above."""

    at_least: Share = Decimal(0)
    at_most: Share = Decimal(1)

    @field_validator("at_most")
    @classmethod
    def _check_order(cls, at_most: Decimal, info: ValidationInfo) -> Decimal:
        at_least = info.data.get("at_least", at_most)
        if at_least > at_most:
            raise ValueError(f"the least, {at_least}, is above the greatest, {at_most}")
        return at_most


class FloorWish(_OfMembers):
    """Every member keeps a share of what a reference gives it."""

    share: Share
    reference: Rule = Rule.CONSUMPTION
    unit: Literal["kwh", "eur"] = "kwh"

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Find the members."""
        members = find(self.members, self.kinds)
        return [Floor(float(self.share), self.reference, self.unit == "eur", members)]


class CoefficientWish(_OfRange):
    """Least, greatest or exact coefficient."""

    exactly: Share | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.exactly is not None and {"at_least", "at_most"} & self.model_fields_set:
            raise ValueError("give either exactly, or at_least and at_most")
        if self.exactly is not None and self.exactly % _GRID:
            raise ValueError(f"exactly {self.exactly} has more than six decimals")
        return self

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Cut the limits to the grid, inwards."""
        members = find(self.members, self.kinds)
        if self.exactly is not None:
            return [FixedCoefficient(cut_down(self.exactly), members)]
        return [CoefficientRange(cut_up(self.at_least), cut_down(self.at_most), members)]


class GroupWish(_OfRange):
    """Least and greatest sum of a group's coefficients."""

    name: Annotated[str, Field(min_length=1, max_length=60)]

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.strip() or not name.isprintable():
            raise ValueError(f"{name!r} is no name; use letters, digits and spaces")
        return name

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.members is None and self.kinds is None:
            raise ValueError("a group needs members or kinds")
        return self

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Cut the limits to the grid, inwards."""
        members = find(self.members, self.kinds) or ()
        return [Group(self.name, members, cut_up(self.at_least), cut_down(self.at_most))]


class ChangeWish(_Wish):
    """How far coefficients may move from the current agreement."""

    each: Share | None = None
    total: Annotated[Decimal, Field(ge=0, le=2, allow_inf_nan=False)] | None = None

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Count in millionths, rounded down."""
        each, total = (None if x is None else cut_down(x) for x in (self.each, self.total))
        return [ChangeLimit(each, total)]


class BlocksWish(_Wish):
    """Coefficients in whole blocks: so many for the plant, or each of so many kW."""

    count: Annotated[int, Field(ge=1, le=MILLIONTHS)] | None = None
    kw: Positive | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.count is None) == (self.kw is None):
            raise ValueError("give exactly one of count and kw")
        return self

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Divide the plant's power by a block's."""
        if self.count is not None:
            return [Blocks(self.count)]
        blocks = Decimal(str(pv_kw)) / (self.kw or 1)
        if blocks % 1:
            nearest = max(1, int(blocks.to_integral_value()))
            would_do = f"{nearest} blocks of {pv_kw / nearest:.4f} kW would be"
            raise LimitsDocumentError(
                [f"blocks: {pv_kw:g} kW are not whole blocks of {self.kw} kW; {would_do}"]
            )
        return [Blocks(int(blocks))]


class ContributionWish(_Wish):
    """No member pays in more than it saves, the yearly cost being shared by coefficient."""

    yearly_cost_eur: NotNegative

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Hand the cost on."""
        return [ContributionLimit(float(self.yearly_cost_eur))]


class PaybackWish(_OfMembers):
    """Every member gets its investment back within so many years."""

    years: Positive

    def to_limits(self, find: FindMembers, pv_kw: float) -> list[Limit]:  # noqa: ARG002
        """Find the members."""
        return [PaybackLimit(float(self.years), find(self.members, self.kinds))]


class LimitsDocument(_Wish):
    """Everything that a promoter may ask of the coefficients, by kind of limit."""

    floor: Annotated[list[FloorWish], Field(max_length=1000)] = []
    coefficient: Annotated[list[CoefficientWish], Field(max_length=100_000)] = []
    group: Annotated[list[GroupWish], Field(max_length=1000)] = []
    change: ChangeWish | None = None
    blocks: BlocksWish | None = None
    contribution: ContributionWish | None = None
    payback: PaybackWish | None = None

    @field_validator("group")
    @classmethod
    def _check_names(cls, group: list[GroupWish]) -> list[GroupWish]:
        names = [each.name for each in group]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"two groups are called {name!r}; give each its own name")
        return group

    def to_limits(self, members: Sequence[MemberRecord], pv_kw: float) -> list[Limit]:
        """Turn the document into limits of the members by their positions.

        Parameters
        ----------
        members : sequence of MemberRecord
            Those who share, in the order of the plan.
        pv_kw : float
            Power of the plant [kW].

        Returns
        -------
        list of Limit
            In the order of the document's kinds.

        Raises
        ------
        UnknownMembersError
            If a limit names somebody who does not share.
        LimitsDocumentError
            If the plant is not a whole number of blocks.
        """
        find = index_members(members)
        wishes = [
            *self.floor,
            *self.coefficient,
            *self.group,
            self.change,
            self.blocks,
            self.contribution,
            self.payback,
        ]
        return [limit for wish in wishes if wish for limit in wish.to_limits(find, pv_kw)]


def read_limits_file(path: Path) -> LimitsDocument:
    """Read a limits document from a TOML file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    LimitsDocument
        Checked in form; members are looked up when it is used.

    Raises
    ------
    LimitsDocumentError
        If there is no such file, it is not TOML, or a limit cannot be understood.
    """
    try:
        document = read_toml_file(path)
    except UnreadableDocumentError as error:
        raise LimitsDocumentError([error.reason]) from error
    return parse_limits(document)


def parse_limits(document: dict[str, Any]) -> LimitsDocument:
    """Check a limits document.

    Parameters
    ----------
    document : dict
        As TOML or JSON gave it.

    Returns
    -------
    LimitsDocument
        Checked in form.

    Raises
    ------
    LimitsDocumentError
        With every fault: which limit, which key, and why.
    """
    try:
        return LimitsDocument.model_validate(document)
    except ValidationError as error:
        raise LimitsDocumentError(describe_faults(error)) from error


def cut_up(share: Decimal) -> int:
    """Count a share in millionths, rounded up.

    Parameters
    ----------
    share : Decimal
        Finite.

    Returns
    -------
    int
        Millionths.

    Examples
    --------
    >>> cut_up(Decimal("0.1000005"))
    100001
    """
    return int(share.quantize(_GRID, ROUND_CEILING) * MILLIONTHS)


def cut_down(share: Decimal) -> int:
    """Count a share in millionths, rounded down.

    Parameters
    ----------
    share : Decimal
        Finite.

    Returns
    -------
    int
        Millionths.

    Examples
    --------
    >>> cut_down(Decimal("0.1000005"))
    100000
    """
    return int(share.quantize(_GRID, ROUND_FLOOR) * MILLIONTHS)


def index_members(members: Sequence[MemberRecord]) -> FindMembers:
    """Find members by id or CUPS, and by kind.

    Parameters
    ----------
    members : sequence of MemberRecord
        Those who share, in the order of the plan.

    Returns
    -------
    callable
        Takes names and kinds, gives positions; raises ``UnknownMembersError``.
    """
    by_name = {str(member.cups): row for row, member in enumerate(members)}
    by_name |= {member.member_id: row for row, member in enumerate(members)}
    by_kind: dict[str, list[int]] = {}
    for row, member in enumerate(members):
        if member.kind is not None:
            by_kind.setdefault(member.kind, []).append(row)

    def find(names: Sequence[str] | None, kinds: Sequence[str] | None) -> tuple[int, ...] | None:
        if names is None and kinds is None:
            return None
        unknown = [name for name in names or () if name not in by_name]
        unknown += [kind for kind in kinds or () if kind not in by_kind]
        if unknown:
            raise UnknownMembersError(unknown)
        rows = {by_name[name] for name in names or ()}
        return tuple(sorted(rows.union(*(by_kind[kind] for kind in kinds or ()))))

    return find
