"""Hold a distributor's invoices of access (F1) against law, arithmetic and what is stored."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import read_billed_energy
from api.services.checks.invoice_check import (
    InvoiceCause,
    InvoiceCheck,
    InvoiceDifference,
    InvoiceRemark,
)
from api.services.checks.invoice_energy import OwnEnergy, find_other_energy, find_other_point
from api.services.checks.invoice_prices import TARIFF_CODES, find_wrong_prices
from api.services.checks.invoice_sums import find_wrong_sums
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.find_shares import find_shares
from api.services.readings.meter_homes import find_meter_homes
from loaders.distributor_invoice.invoice_reader import read_distributor_invoices
from loaders.distributor_invoice.records import (
    ESTIMATED_SOURCES,
    RECTIFYING_KINDS,
    DistributorInvoice,
)
from models.regulation.dated_figures import UnknownFigureError
from models.repositories.installations import group_installations
from models.repositories.supply_points import map_supply_points_by_cups
from models.tables import Community, SupplyPoint
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError

_ACTIVE = "AE"
_SHORT, _FIRST_METER = 20, "0F"


def check_distributor_invoices(
    session: Session, *, promoter_id: UUID, content: bytes
) -> list[InvoiceCheck]:
    """Hold the invoices of a message F1 against ours.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    content : bytes
        The document.

    Returns
    -------
    list of InvoiceCheck
        Of each invoice what differs: days, tariff and power of the stored supply point, prices
        of the law, energy and shares of our readings, sums and taxes of its own figures.

    Raises
    ------
    UnreadableFileError, ForeignMessageError, FaultyInvoiceError
        If it cannot be read.

    Notes
    -----
    The day of the first reading does not count, the last one does (Circular 3/2020). A supply
    point that is not stored, prices that are not in the tables and energy that is not known are
    told as remarks.
    """
    return [_check(session, promoter_id, invoice) for invoice in read_distributor_invoices(content)]


def _check(session: Session, promoter_id: UUID, invoice: DistributorInvoice) -> InvoiceCheck:
    remarks = _remark(invoice)
    found = list(find_wrong_sums(invoice))
    try:
        found += find_wrong_prices(invoice)
    except UnknownFigureError:
        remarks.append(InvoiceRemark.LAW_UNKNOWN)
    point = _find_point(session, promoter_id, invoice.cups)
    detail = ""
    if point is None:
        remarks.append(InvoiceRemark.POINT_UNKNOWN)
    else:
        found += find_other_point(invoice, point)
        try:
            found += find_other_energy(invoice, _read_own(session, invoice, point))
        except CommunityError as error:
            remarks.append(InvoiceRemark.ENERGY_UNKNOWN)
            detail = str(error)
    return InvoiceCheck(invoice, tuple(_sort(found)), tuple(remarks), detail)


def _sort(found: list[InvoiceDifference]) -> list[InvoiceDifference]:
    order = list(InvoiceCause)
    return sorted(found, key=lambda each: (order.index(each.cause), each.tariff_period or 0))


def _remark(invoice: DistributorInvoice) -> list[InvoiceRemark]:
    sources = {
        source
        for reading in invoice.readings
        if reading.magnitude == _ACTIVE
        for source in (reading.from_source, reading.to_source)
    }
    holds = {
        InvoiceRemark.ESTIMATED: bool(sources & ESTIMATED_SOURCES),
        InvoiceRemark.RECTIFIES: invoice.kind in RECTIFYING_KINDS or bool(invoice.rectifies),
        InvoiceRemark.SHARES_UNSURE: invoice.generated is not None,
        InvoiceRemark.LAW_UNKNOWN: invoice.tariff_code not in TARIFF_CODES,
    }
    return [remark for remark, is_so in holds.items() if is_so]


def _find_point(session: Session, promoter_id: UUID, cups: str) -> SupplyPoint | None:
    """Find a supply point, also where one side leaves out the measuring point."""
    forms = (cups, cups[:_SHORT], cups + _FIRST_METER)
    found = map_supply_points_by_cups(session, promoter_id=promoter_id, cups=forms)
    return next((found[form] for form in forms if form in found), None)


def _read_own(session: Session, invoice: DistributorInvoice, point: SupplyPoint) -> OwnEnergy:
    owner = point.promoter_id
    homes = find_meter_homes(
        session, promoter_id=owner, kind=SubjectKind.SUPPLY_POINT, ids=[point.id]
    )
    community = homes[point.id].community
    one = timedelta(days=1)
    days = BilledDays(invoice.start + one, invoice.end + one, community.timezone)
    energy = read_billed_energy(
        session, community=community, points=[point], days=days, document=None
    )[point.id]
    if isinstance(energy, CommunityError):
        raise energy
    shares = _find_betas(session, community, point, days)
    return OwnEnergy(
        billed=energy,
        tariff_periods=days.tariff_periods(community.zone, point.tariff, energy.step),
        betas=tuple(sorted({beta for held in shares.values() for beta in held})),
        caus=tuple(sorted(shares)),
    )


def _find_betas(
    session: Session, community: Community, point: SupplyPoint, days: BilledDays
) -> dict[str, list[Decimal]]:
    """List the coefficients that held on the days, by plant."""
    owner = community.promoter_id
    plants = group_installations(session, promoter_id=owner, community_ids=[community.id])
    caus = {plant.id: plant.cau for plant in plants[community.id]}
    found = find_shares(session, promoter_id=owner, installation_ids=caus, within=days.period)
    return {
        caus[key]: [Decimal(share.millionths) / MILLIONTHS for share in held.shares[point.id]]
        for key, held in found.items()
        if held.shares.get(point.id)
    }
