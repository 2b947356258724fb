"""Tables of members with their coefficients, and of invoices with their lines."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from uuid import UUID

from sqlmodel import Session

from api.services.accounting.invoice_tables import list_invoice_table, list_line_table
from api.services.energy.find_shares import PlantShares, find_shares
from api.services.exports.export_wish import ExportWish
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.accounts import AccountsScope, map_replaced_taxes
from models.repositories.installations import group_installations
from models.repositories.members import map_members_by_code
from models.repositories.supply_points import list_community_supply_points
from models.tables import Community, SupplyPoint
from models.values.coefficient import MILLIONTHS
from models.values.period import Period

_MEMBERS = (
    AccountColumn("community", width=14),
    AccountColumn("member", width=14),
    AccountColumn("member_kind", width=14),
    AccountColumn("cups", width=24),
    AccountColumn("tariff", width=10),
    AccountColumn("contracted_kw", CellKind.NUMBER, 12),
    AccountColumn("cau", width=28),
    AccountColumn("coefficient", CellKind.NUMBER, 12),
    AccountColumn("coefficient_basis", CellKind.WORD, 12, words="coefficient_bases"),
)
_TARIFFS = (
    AccountColumn("community", width=14),
    AccountColumn("tariff", width=10),
    AccountColumn("member_count", CellKind.COUNT, 12, is_summed=True),
    AccountColumn("supply_point_count", CellKind.COUNT, 12, is_summed=True),
    AccountColumn("contracted_kw", CellKind.NUMBER, 12, is_summed=True),
)
_INVOICE_SUMS = (
    AccountColumn("first_day", CellKind.DAY, 12),
    AccountColumn("community", width=14),
    AccountColumn("invoice_count", CellKind.COUNT, 12, is_summed=True),
    AccountColumn("base_eur", CellKind.EUR, 16, is_summed=True),
    AccountColumn("quota_eur", CellKind.EUR, 16, is_summed=True),
    AccountColumn("total_eur", CellKind.EUR, 16, is_summed=True),
    AccountColumn("counted_eur", CellKind.EUR, 16, is_summed=True),
)
_SUMMED = ("base_eur", "quota_eur", "total_eur", "counted_eur")
_WATTS = 1000
_PLACES = Decimal("0.000001")


def list_member_table(
    session: Session, wish: ExportWish, communities: Sequence[Community]
) -> AccountTable:
    """Lay out supply points with their coefficients, or how many there are of each tariff.

    Parameters
    ----------
    session : Session
        Open transaction, from which rows are read community by community.
    wish : ExportWish
        What is wanted; the coefficients are those of the last day.
    communities : sequence of Community
        Whose.

    Returns
    -------
    AccountTable
        By community and CUPS, once for each plant in which the supply point shares; or by
        community and tariff.
    """
    read = _read_points if wish.is_per_member else _count_tariffs

    def read_rows() -> Iterator[Sequence[Cell]]:
        for community in communities:
            yield from read(session, wish, community)

    return AccountTable("members", _MEMBERS if wish.is_per_member else _TARIFFS, read_rows)


def list_invoice_tables(
    session: Session, wish: ExportWish, communities: Sequence[Community]
) -> list[AccountTable]:
    """Lay out invoices and their lines, or sums of invoices by month of issue.

    Parameters
    ----------
    session : Session
        Open transaction, from which rows are read community by community.
    wish : ExportWish
        What is wanted.
    communities : sequence of Community
        Whose members' invoices.

    Returns
    -------
    list of AccountTable
        By community, day and number.
    """
    invoices, lines = [], []
    for community in communities:
        scope = AccountsScope(
            community.promoter_id, wish.days.start, wish.until, community_id=community.id
        )
        replaced = map_replaced_taxes(session, scope)
        invoices.append(list_invoice_table(session, scope, replaced))
        lines.append(list_line_table(session, scope))
    if not wish.is_per_member:
        codes = [community.code for community in communities]
        return [AccountTable("invoice_sums", _INVOICE_SUMS, partial(_sum_months, codes, invoices))]
    return [_join(tables) for tables in (invoices, lines) if tables]


def _join(tables: Sequence[AccountTable]) -> AccountTable:
    """Put tables of the same columns under each other."""
    readers: list[Callable[[], Iterator[Sequence[Cell]]]] = [each.read_rows for each in tables]

    def read_rows() -> Iterator[Sequence[Cell]]:
        return chain.from_iterable(read() for read in readers)

    return AccountTable(tables[0].name, tables[0].columns, read_rows)


def _read_points(
    session: Session, wish: ExportWish, community: Community
) -> Iterator[Sequence[Cell]]:
    owner = community.promoter_id
    plants = group_installations(session, promoter_id=owner, community_ids=[community.id])
    caus = {plant.id: plant.cau for plant in plants[community.id]}
    last = Period(wish.until - timedelta(days=1), wish.until)
    shares = find_shares(session, promoter_id=owner, installation_ids=caus, within=last)
    by_code = map_members_by_code(session, promoter_id=owner, community_id=community.id)
    members = {row.id: row for row in by_code.values()}
    for point in _list_points(session, community):
        member = members[point.member_id]
        power_kw = Decimal(point.contracted_power_w) / _WATTS
        head = (community.code, member.code, member.kind, point.cups, point.tariff.value, power_kw)
        for tail in _list_shares(point.id, caus, shares):
            yield (*head, *tail)


def _list_shares(
    point_id: UUID, caus: dict[UUID, str], shares: dict[UUID, PlantShares]
) -> list[tuple[Cell, ...]]:
    """List plant, coefficient and where it comes from; one empty row of who has none."""
    found = [
        (caus[key], (Decimal(share.millionths) / MILLIONTHS).quantize(_PLACES), each.basis.value)
        for key, each in shares.items()
        for share in each.shares.get(point_id, ())
    ]
    return sorted(found) or [(None, None, None)]


def _count_tariffs(
    session: Session, _wish: ExportWish, community: Community
) -> Iterator[Sequence[Cell]]:
    by_tariff: dict[str, list[SupplyPoint]] = defaultdict(list)
    for point in _list_points(session, community):
        by_tariff[point.tariff.value].append(point)
    for tariff, points in sorted(by_tariff.items()):
        power_w = sum(point.contracted_power_w for point in points)
        owners = {point.member_id for point in points}
        yield (community.code, tariff, len(owners), len(points), Decimal(power_w) / _WATTS)


def _list_points(session: Session, community: Community) -> list[SupplyPoint]:
    return list_community_supply_points(
        session, promoter_id=community.promoter_id, community_id=community.id
    )


def _sum_months(codes: Sequence[str], tables: Sequence[AccountTable]) -> Iterator[Sequence[Cell]]:
    """Sum invoices by month of issue."""
    for code, table in zip(codes, tables, strict=True):
        keys = [column.key for column in table.columns]
        places = [keys.index(key) for key in _SUMMED]
        sums: dict[date, list[Decimal]] = {}
        counts: dict[date, int] = defaultdict(int)
        for row in table.read_rows():
            issued_on = row[keys.index("issued_on")]
            assert isinstance(issued_on, date)
            month = issued_on.replace(day=1)
            counts[month] += 1
            amounts = sums.setdefault(month, [Decimal("0.00")] * len(places))
            sums[month] = [
                total + Decimal(str(row[place]))
                for total, place in zip(amounts, places, strict=True)
            ]
        for month in sorted(sums):
            yield (month, code, counts[month], *sums[month])
