"""Rows of one person, in whatever table: found, counted, and erased by the inventory."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, and_, delete, false, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, select

from models.personal_data import Fate, Keys, PersonalTable, read_inventory
from models.tables import Member
from models.values.access import Role

PersonKeys = Mapping[Keys, frozenset[UUID]]
"""Keys of the rows that are a person's."""

Tells = Callable[[Any], bool]
"""Whether a text or a document names the person."""

Mend = Callable[[Any], Any]
"""Strikes the person's names out of a text or a document."""

_AFAR = "is_afar"

_WAYS: tuple[tuple[Keys, str, str, str, Keys], ...] = (
    (Keys.POINTS, "supply_point", "id", "member_id", Keys.MEMBER),
    (Keys.APPLICATIONS, "reserve_application", "id", "supply_point_id", Keys.POINTS),
    (Keys.INVOICES, "invoice", "id", "member_id", Keys.MEMBER),
    (Keys.PAYMENTS, "payment", "id", "member_id", Keys.MEMBER),
    (Keys.MANDATES, "mandate", "id", "member_id", Keys.MEMBER),
    (Keys.DEBITS, "debit", "id", "member_id", Keys.MEMBER),
    (Keys.RUNS, "debit", "run_id", "member_id", Keys.MEMBER),
    (Keys.AGREEMENTS, "distribution_coefficient", "agreement_id", "supply_point_id", Keys.POINTS),
)
"""Keys that follow from others: of which table, which column, where which is among which."""

_STUDIES = ("member_assignment", "capacity_sharing", "vacancy_filling", "candidate_suitability")
_NAMES = {
    "supply_point": (("cups",), "member_id", Keys.MEMBER),
    "payer": (("tax_number", "name", "address", "email"), "member_id", Keys.MEMBER),
    "user_account": (("email", "name"), "id", Keys.ACCOUNTS),
    "mandate": (("reference",), "member_id", Keys.MEMBER),
    "mandate_account": (("holder",), "mandate_id", Keys.MANDATES),
    "payment": (("payer_name",), "member_id", Keys.MEMBER),
}
"""Columns by which texts may name a person."""

_ONLY_OWN = (Role.MEMBER, Role.CANDIDATE)


@dataclass(frozen=True, slots=True)
class NamingPlans:
    """Proposals and studies that name a person; drafts are proposals that no agreement rests on."""

    proposals: frozenset[UUID]
    drafts: frozenset[UUID]
    studies: frozenset[UUID]


def get_member(session: Session, *, promoter_id: UUID, member_id: UUID) -> Member | None:
    """Find a member of a promoter."""
    return session.exec(
        select(Member).where(Member.promoter_id == promoter_id, Member.id == member_id)
    ).one_or_none()


def follow_keys(
    session: Session, *, promoter_id: UUID, member_id: UUID
) -> dict[Keys, frozenset[UUID]]:
    """Find the keys of a member's rows, as far as columns lead to them."""
    keys = {name: frozenset[UUID]() for name in Keys} | {Keys.MEMBER: frozenset({member_id})}
    for name, table, wanted, column, among in _WAYS:
        keys[name] = _read_keys(session, promoter_id, table, wanted, {column: keys[among]})
    keys[Keys.ACCOUNTS] = _find_own_accounts(session, promoter_id, member_id)
    keys[Keys.UPLOADS] = _read_keys(session, promoter_id, "upload", "id", {})
    return keys


def list_names(session: Session, *, promoter_id: UUID, keys: PersonKeys) -> list[str]:
    """List the texts by which other rows may name a person."""
    names: list[str] = []
    for name, (columns, column, among) in _NAMES.items():
        table = _table(name)
        rows = select_columns(*(table.c[each] for each in columns)).where(
            table.c.promoter_id == promoter_id, table.c[column].in_(keys[among])
        )
        names += [text for row in session.execute(rows) for text in row if text]
    return names


def find_messages(
    session: Session, *, promoter_id: UUID, keys: PersonKeys, tells: Tells, written: Sequence[str]
) -> frozenset[UUID]:
    """Find the e-mails of a person: of her debts and invoices, and those whose texts name her."""
    member, invoices = {"member_id": keys[Keys.MEMBER]}, {"invoice_id": keys[Keys.INVOICES]}
    return (
        _find_telling(session, promoter_id, "outbox_message", written, tells)
        | _read_keys(session, promoter_id, "debt_step", "message_id", member)
        | _read_keys(session, promoter_id, "outbox_attachment", "message_id", invoices)
    )


def find_naming_plans(
    session: Session,
    *,
    promoter_id: UUID,
    keys: PersonKeys,
    community_id: UUID,
    tells: Tells,
    tells_afar: Tells,
) -> NamingPlans:
    """Find the proposals and studies that name a person, in her community or afar from it."""
    told, points = ("request", "result"), {"supply_point_id": keys[Keys.POINTS]}
    telling = partial(
        _find_telling,
        session,
        promoter_id,
        columns=told,
        tells=tells,
        afar=(community_id, tells_afar),
    )
    proposals = telling("coefficient_proposal")
    proposals |= _read_keys(session, promoter_id, "proposed_coefficient", "proposal_id", points)
    rested_on = _read_keys(session, promoter_id, "distribution_agreement", "proposal_id", {})
    found = [telling(name) for name in _STUDIES]
    return NamingPlans(proposals, proposals - rested_on, frozenset().union(*found))


def count_rows(session: Session, *, promoter_id: UUID, keys: PersonKeys) -> dict[str, int]:
    """Count the rows of a person by table, of those that have any."""
    counts: dict[str, int] = {}
    for entry in read_inventory().values():
        if entry.of:
            rows = select_columns(func.count()).select_from(_table(entry.name))
            number = session.execute(rows.where(_is_of(entry, promoter_id, keys))).scalar_one()
            counts |= {entry.name: number} if number else {}
    return counts


def read_rows(
    session: Session, *, promoter_id: UUID, keys: PersonKeys, table: str
) -> Iterator[dict[str, Any]]:
    """Read the rows of a person in one table, by its key."""
    entry, found = read_inventory()[table], _table(table)
    rows = select_columns(found).where(_is_of(entry, promoter_id, keys))
    for row in session.execute(rows.order_by(*found.primary_key.columns)).mappings():
        yield dict(row)


def delete_rows(session: Session, *, promoter_id: UUID, keys: PersonKeys) -> dict[str, int]:
    """Delete what goes of a person, what refers to others first."""
    inventory, counts = read_inventory(), {}
    for table in reversed(SQLModel.metadata.sorted_tables):
        entry = inventory[table.name]
        if entry.fate is Fate.DELETED:
            gone = delete(table).where(_is_of(entry, promoter_id, keys))
            counts[table.name] = _change(session, gone)
    return {name: count for name, count in counts.items() if count}


def blank_rows(
    session: Session,
    *,
    promoter_id: UUID,
    keys: PersonKeys,
    blank: Callable[[PersonalTable, Mapping[str, Any]], Mapping[str, Any]],
) -> dict[str, int]:
    """Give the rows that stay of a person what takes the place of her names."""
    counts: dict[str, int] = {}
    for entry in read_inventory().values():
        if entry.fate is Fate.BLANKED:
            table = _table(entry.name)
            rows = read_rows(session, promoter_id=promoter_id, keys=keys, table=entry.name)
            for row in list(rows):
                _change(session, update(table).where(_is_row(table, row)).values(blank(entry, row)))
                counts[entry.name] = counts.get(entry.name, 0) + 1
    return counts


def mend_rows(
    session: Session, *, promoter_id: UUID, community_id: UUID, mend: Mend, mend_afar: Mend
) -> dict[str, int]:
    """Strike names out of a promoter's texts and documents, in a community and afar from it."""
    counts: dict[str, int] = {}
    for entry in read_inventory().values():
        if not entry.mended:
            continue
        table = _table(entry.name)
        for row in _read_texts(session, promoter_id, table, entry.mended, community_id).all():
            mend_one = mend_afar if row[_AFAR] else mend
            mended = {name: mend_one(row[name]) for name in entry.mended}
            changed = {name: text for name, text in mended.items() if text != row[name]}
            if changed:
                _change(session, update(table).where(_is_row(table, row)).values(changed))
                counts[entry.name] = counts.get(entry.name, 0) + 1
    return counts


def _find_own_accounts(session: Session, promoter_id: UUID, member_id: UUID) -> frozenset[UUID]:
    """Find the accounts that are this member and nothing else, whoever asks."""
    account, grant = _table("user_account"), _table("account_grant")
    others = select_columns(grant.c.account_id).where(
        or_(grant.c.member_id.is_(None), grant.c.member_id != member_id)
    )
    rows = (
        select_columns(account.c.id)
        .join(grant, grant.c.account_id == account.c.id)
        .where(
            account.c.promoter_id == promoter_id,
            grant.c.member_id == member_id,
            account.c.role.in_(_ONLY_OWN),
            account.c.id.not_in(others),
        )
    )
    return frozenset(session.execute(rows).scalars())


def _find_telling(
    session: Session,
    promoter_id: UUID,
    name: str,
    columns: Sequence[str],
    tells: Tells,
    afar: tuple[UUID, Tells] | None = None,
) -> frozenset[UUID]:
    """Find the rows of a table whose texts name the person, in her community or afar from it."""
    community_id, tells_afar = afar or (None, tells)
    rows = _read_texts(session, promoter_id, _table(name), columns, community_id)
    asked = ((row, tells_afar if row[_AFAR] else tells) for row in rows)
    return frozenset(row["id"] for row, tell in asked if any(tell(row[each]) for each in columns))


def _read_texts(
    session: Session,
    promoter_id: UUID,
    table: Table,
    columns: Iterable[str],
    community_id: UUID | None,
) -> Any:
    """Read texts with their keys, and whether they are of another community than one."""
    is_afar = func.coalesce(_is_of_others(table, community_id), false()).label(_AFAR)
    wanted = [*table.primary_key.columns, *(table.c[name] for name in columns), is_afar]
    rows = select_columns(*wanted).where(table.c.promoter_id == promoter_id)
    return session.execute(rows, execution_options={"yield_per": 100}).mappings()


def _is_of_others(table: Table, community_id: UUID | None) -> ColumnElement[bool]:
    """Say that a row leads to another community; one that leads to none may be of any."""
    if community_id is None:
        return false()
    if "community_id" in table.c:
        return table.c.community_id != community_id
    if "installation_id" not in table.c:
        return false()
    plant = _table("self_consumption_installation")
    others = select_columns(plant.c.id).where(plant.c.community_id != community_id)
    return table.c.installation_id.in_(others)


def _read_keys(
    session: Session,
    promoter_id: UUID,
    name: str,
    wanted: str,
    among: Mapping[str, Iterable[UUID]],
) -> frozenset[UUID]:
    table = _table(name)
    conditions = [table.c[column].in_(keys) for column, keys in among.items()]
    rows = select_columns(table.c[wanted]).where(
        table.c.promoter_id == promoter_id, table.c[wanted].is_not(None), *conditions
    )
    return frozenset(session.execute(rows).scalars())


def _is_of(entry: PersonalTable, promoter_id: UUID, keys: PersonKeys) -> ColumnElement[bool]:
    """Say that a row of a table is the person's."""
    table = _table(entry.name)
    ways = [table.c[column].in_(keys[name]) for column, name in entry.of.items()]
    return and_(table.c.promoter_id == promoter_id, or_(false(), *ways))


def _is_row(table: Table, row: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in _list_key(table)))


def _list_key(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def _change(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement)
    return int(result.rowcount)


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]
