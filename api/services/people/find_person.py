"""Find a person: the keys of her rows, and the names by which others tell of her."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session
from stdnum.es import cups as cups_rules

from api.services.people.struck_names import STRUCK, StruckNames
from models.personal_data import Keys
from models.repositories.people import (
    find_messages,
    find_naming_plans,
    follow_keys,
    get_member,
    list_names,
)
from models.repositories.supply_points import map_supply_points
from models.tables import Member
from models.values.cups import Cups
from models.values.errors import NotFoundError

_NO_DISTRIBUTOR = "ES0000"
_CUPS_DIGITS = 12
_METER = "0F"
_METERS = [f"{digit}{letter}" for digit in range(10) for letter in "FPRCXYZ"]
_CUPS_WITHOUT_METER = 20
_MESSAGE_TEXTS = ("recipient", "subject", "body")


class UnknownPersonError(NotFoundError):
    """The promoter has no such member, or the caller does not reach it.

    Attributes
    ----------
    member_id : UUID or None
        Who was asked for; None if it was no id.
    """

    def __init__(self, member_id: UUID | None) -> None:
        super().__init__("there is no such member")
        self.member_id = member_id


@dataclass(frozen=True, slots=True)
class Person:
    """A member and all that is known of it.

    Attributes
    ----------
    member : Member
        The member.
    keys : mapping of Keys to frozenset of UUID
        Rows that are the person's, or tell of her.
    names : StruckNames
        By which texts name her.
    names_afar : StruckNames
        By which texts of other communities do, where her code may be somebody else's.
    """

    member: Member
    keys: Mapping[Keys, frozenset[UUID]]
    names: StruckNames
    names_afar: StruckNames


def find_person(session: Session, *, promoter_id: UUID, member_id: UUID) -> Person:
    """Find a person, and every row that is hers or tells of her.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    member_id : UUID
        The member.

    Returns
    -------
    Person

    Raises
    ------
    UnknownPersonError
        If the promoter has no such member.
    """
    member = get_member(session, promoter_id=promoter_id, member_id=member_id)
    if member is None:
        raise UnknownPersonError(member_id)
    keys = follow_keys(session, promoter_id=promoter_id, member_id=member_id)
    told = _list_names(session, member, keys)
    names = StruckNames(told | {member.code: name_erased_member(member.id)})
    names_afar = StruckNames(told)
    plans = find_naming_plans(
        session,
        promoter_id=promoter_id,
        keys=keys,
        community_id=member.community_id,
        tells=names.tells,
        tells_afar=names_afar.tells,
    )
    messages = find_messages(
        session, promoter_id=promoter_id, keys=keys, tells=names.tells, written=_MESSAGE_TEXTS
    )
    found = {
        Keys.MESSAGES: messages,
        Keys.PROPOSALS: plans.proposals,
        Keys.DRAFTS: plans.drafts,
        Keys.STUDIES: plans.studies,
    }
    return Person(member, keys | found, names, names_afar)


def name_erased_member(member_id: UUID) -> str:
    """Make the code that an erased member bears.

    Parameters
    ----------
    member_id : UUID
        The member.

    Returns
    -------
    str

    Examples
    --------
    >>> name_erased_member(UUID(int=0x1234ABCD << 96))
    'erased-1234abcd0000'
    """
    return f"{STRUCK}-{member_id.hex[:12]}"


def name_erased_point(point_id: UUID) -> Cups:
    """Make the CUPS that an erased supply point bears: of no distributor, and sound.

    Parameters
    ----------
    point_id : UUID
        The supply point.

    Returns
    -------
    Cups

    Examples
    --------
    >>> name_erased_point(UUID(int=7))
    'ES0000000000000007TF0F'
    """
    code = f"{_NO_DISTRIBUTOR}{point_id.int % 10**_CUPS_DIGITS:0{_CUPS_DIGITS}}"
    return Cups(f"{code}{cups_rules.calc_check_digits(code)}{_METER}")


def _list_names(
    session: Session, member: Member, keys: Mapping[Keys, frozenset[UUID]]
) -> dict[str, str]:
    """Gather by what texts anywhere may name a person; a CUPS is told with a meter or without."""
    told = list_names(session, promoter_id=member.promoter_id, keys=keys)
    names = dict.fromkeys(told, STRUCK)
    points = map_supply_points(
        session, promoter_id=member.promoter_id, supply_point_ids=keys[Keys.POINTS]
    )
    for point in points.values():
        token = str(name_erased_point(point.id))
        supply = point.cups[:_CUPS_WITHOUT_METER]
        names |= dict.fromkeys([supply, *(f"{supply}{meter}" for meter in _METERS)], token)
    return names
