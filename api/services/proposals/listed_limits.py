"""Limits as a caller lists them, one kind each: checked one by one, then put into a document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.services.proposals.limits_document import (
    BlocksWish,
    ChangeWish,
    CoefficientWish,
    ContributionWish,
    FindMembers,
    FloorWish,
    GroupWish,
    LimitsDocument,
    LimitsDocumentError,
    PaybackWish,
    UnknownMembersError,
    index_members,
)
from loaders.records import MemberRecord
from loaders.typed_document import describe_fault
from models.values.errors import CommunityError, ErrorCode, InvalidArgumentError

MOST_LIMITS = 1_000
"""Limits that one request may list."""

_MOST_FAULTS = 100
"""Faults that an answer names; a caller mends them and asks again."""

Wish = (
    FloorWish
    | CoefficientWish
    | GroupWish
    | ChangeWish
    | BlocksWish
    | ContributionWish
    | PaybackWish
)

_LISTED: dict[str, type[Wish]] = {
    "floor": FloorWish,
    "coefficient": CoefficientWish,
    "group": GroupWish,
}
_SINGLE: dict[str, type[Wish]] = {
    "change": ChangeWish,
    "blocks": BlocksWish,
    "contribution": ContributionWish,
    "payback": PaybackWish,
}


@dataclass(frozen=True, slots=True)
class ListedLimit:
    """One limit of a list.

    Attributes
    ----------
    kind : str
        Name of its kind in a limits document.
    values : mapping of str to object
        What it says, in the names of that document; what is left out has its default.
    """

    kind: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WishFault:
    """What is wrong with a part of a wish.

    Attributes
    ----------
    path : tuple of str
        Names and places, from 0, of the part, from the outside in.
    reason : str
        What is wrong and what to do.
    """

    path: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.reason}"


class FaultyWishError(InvalidArgumentError):
    """Parts of a wish make no sense.

    Attributes
    ----------
    faults : tuple of WishFault
        Where, and why, each.
    """

    def __init__(self, faults: Sequence[WishFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


class TooManyLimitsError(CommunityError):
    """One request lists more limits than it may.

    Attributes
    ----------
    most : int
        Most that a request may list.
    """

    code = ErrorCode.TOO_LARGE

    def __init__(self, n_limits: int) -> None:
        super().__init__(f"the request lists {n_limits:,} limits, more than {MOST_LIMITS:,}")
        self.n_limits = n_limits
        self.most = MOST_LIMITS


def collect_limits(
    listed: Sequence[ListedLimit], *, members: Sequence[MemberRecord], pv_kw: float
) -> LimitsDocument:
    """Put listed limits together, once each of them is known to make sense for the members.

    Parameters
    ----------
    listed : sequence of ListedLimit
        As the caller gave them.
    members : sequence of MemberRecord
        Those who share.
    pv_kw : float
        Power of the plant [kW].

    Returns
    -------
    LimitsDocument
        What a job stores.

    Raises
    ------
    TooManyLimitsError
        If there are more limits than a request may carry.
    FaultyWishError
        With the faults of every limit, at most a hundred.
    """
    if len(listed) > MOST_LIMITS:
        raise TooManyLimitsError(len(listed))
    find = index_members(members)
    faults: list[WishFault] = []
    wishes: dict[str, Any] = {}
    for place, limit in enumerate(listed):
        path = ("limits", str(place), limit.kind)
        try:
            wish = (_LISTED | _SINGLE)[limit.kind].model_validate(limit.values)
        except ValidationError as error:
            faults += _list_form_faults(path, error)
            continue
        faults += _list_use_faults(path, wish, wishes, find, pv_kw)
        if limit.kind in _SINGLE:
            wishes[limit.kind] = wish
        else:
            wishes.setdefault(limit.kind, []).append(wish)
    if faults:
        raise FaultyWishError(faults[:_MOST_FAULTS])
    return LimitsDocument(**wishes)


def _list_form_faults(path: tuple[str, ...], error: ValidationError) -> Iterator[WishFault]:
    """Say where values of a limit have not their form."""
    for fault in error.errors():
        yield WishFault((*path, *map(str, fault["loc"])), describe_fault(fault))


def _list_use_faults(
    path: tuple[str, ...],
    wish: Wish,
    wishes: Mapping[str, Any],
    find: FindMembers,
    pv_kw: float,
) -> Iterator[WishFault]:
    """Say why a limit cannot stand beside those before it, or not for these members."""
    kind = path[-1]
    if kind in _SINGLE and kind in wishes:
        yield WishFault(path, f"a request has at most one limit of the kind {kind}")
    if isinstance(wish, GroupWish) and wish.name in [other.name for other in wishes.get(kind, [])]:
        reason = f"two groups are called {wish.name!r}; give each its own name"
        yield WishFault((*path, "name"), reason)
    try:
        wish.to_limits(find, pv_kw)
    except UnknownMembersError as error:
        named = getattr(wish, "members", None) or []
        field = "members" if error.names[0] in named else "kinds"
        names = ", ".join(error.names)
        yield WishFault((*path, field), f"nobody who shares has the CUPS or kind {names}")
    except LimitsDocumentError as error:
        yield WishFault((*path, "kw"), error.faults[0].removeprefix("blocks: "))
