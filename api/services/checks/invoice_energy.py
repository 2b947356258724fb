"""A distributor's invoice against what is stored: tariff, power, energy and shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from api.services.bills.billed_energy import BilledEnergy
from api.services.checks.invoice_check import InvoiceCause, InvoiceDifference
from api.services.checks.invoice_prices import TARIFF_CODES
from loaders.distributor_invoice.records import DistributorInvoice, InvoicedTerm
from models.tables import SupplyPoint
from models.values.money import round_to_cents

_KWH = Decimal("0.001")
_ONE_KWH = Decimal(1)
"""Registers of invoices count whole kilowatt-hours."""
_MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True, slots=True, eq=False)
class OwnEnergy:
    """Our energy of the invoice's days.

    Attributes
    ----------
    billed : BilledEnergy
        Consumption and share of the generation.
    tariff_periods : ndarray of uint8, shape (n_steps,)
        Period of every interval.
    betas : tuple of Decimal
        Coefficients that held on these days [1].
    caus : tuple of str
        Plants in which the supply point has a share.
    """

    billed: BilledEnergy
    tariff_periods: NDArray[np.uint8]
    betas: tuple[Decimal, ...]
    caus: tuple[str, ...]

    @property
    def used_kwh(self) -> NDArray[np.float64]:
        """Self-consumed in every interval [kWh]."""
        return np.minimum(self.billed.consumption_kwh, self.billed.allocated_kwh)


def find_other_point(
    invoice: DistributorInvoice, point: SupplyPoint
) -> Iterator[InvoiceDifference]:
    """Find what of the supply point's contract differs.

    Parameters
    ----------
    invoice : DistributorInvoice
        Theirs.
    point : SupplyPoint
        As it is stored.

    Yields
    ------
    InvoiceDifference
        Tariff, and contracted power of each period.
    """
    tariff = TARIFF_CODES.get(invoice.tariff_code)
    if tariff is not point.tariff:
        theirs = tariff.value if tariff else invoice.tariff_code
        yield InvoiceDifference(InvoiceCause.TARIFF, None, point.tariff.value, theirs)
    for row in invoice.power.rows if invoice.power else ():
        if row.contracted_w is not None and row.contracted_w != point.contracted_power_w:
            yield InvoiceDifference(
                InvoiceCause.CONTRACTED_POWER,
                row.tariff_period,
                str(point.contracted_power_w),
                f"{row.contracted_w.normalize():f}",
                "W",
            )


def find_other_energy(invoice: DistributorInvoice, own: OwnEnergy) -> Iterator[InvoiceDifference]:
    """Find energy, shares and coefficients that differ by more than a register can tell.

    Parameters
    ----------
    invoice : DistributorInvoice
        Theirs.
    own : OwnEnergy
        Ours.

    Yields
    ------
    InvoiceDifference
        By tariff period where it is of energy from the grid, else in sum.
    """
    if invoice.cau is not None and invoice.cau not in own.caus:
        yield InvoiceDifference(InvoiceCause.CAU, None, " ".join(own.caus), invoice.cau)
    yield from _compare_grid(invoice, own)
    yield from _compare_betas(invoice, own)
    surplus_kwh = own.billed.allocated_kwh - own.used_kwh
    for cause, term, energy_kwh in (
        (InvoiceCause.ALLOCATED, invoice.generated, own.billed.allocated_kwh),
        (InvoiceCause.SELF_CONSUMED, invoice.self_consumed, own.used_kwh),
        (InvoiceCause.SURPLUS, invoice.surplus, surplus_kwh),
    ):
        if term is not None:
            yield from _compare_sum(cause, term, energy_kwh)


def _compare_grid(invoice: DistributorInvoice, own: OwnEnergy) -> Iterator[InvoiceDifference]:
    """Compare what came from the grid, period by period, summed over parts of the days."""
    rows = invoice.energy.rows if invoice.energy else ()
    grid_kwh = own.billed.consumption_kwh - own.used_kwh
    for period in sorted({row.tariff_period for row in rows}):
        held = [row for row in rows if row.tariff_period == period]
        theirs = sum((row.quantity for row in held), Decimal(0))
        ours = _round(grid_kwh[own.tariff_periods == period])
        if abs(theirs - ours) > _ONE_KWH:
            yield InvoiceDifference(
                InvoiceCause.ENERGY,
                period,
                str(ours),
                f"{theirs:f}",
                "kWh",
                round_to_cents((theirs - ours) * held[-1].price),
            )


def _compare_betas(invoice: DistributorInvoice, own: OwnEnergy) -> Iterator[InvoiceDifference]:
    rows = invoice.generated.rows if invoice.generated else ()
    theirs = sorted({row.beta for row in rows if row.beta is not None})
    others = [beta for beta in theirs if all(abs(beta - each) > _MILLIONTH for each in own.betas)]
    for beta in others:
        ours = " ".join(f"{each:f}" for each in own.betas) or "0"
        yield InvoiceDifference(InvoiceCause.COEFFICIENT, None, ours, f"{beta:f}")


def _compare_sum(
    cause: InvoiceCause, term: InvoicedTerm, energy_kwh: NDArray[np.float64]
) -> Iterator[InvoiceDifference]:
    ours = _round(energy_kwh)
    if abs(term.total - ours) > _ONE_KWH * max(len(term.rows), 1):
        yield InvoiceDifference(cause, None, str(ours), f"{term.total:f}", "kWh")


def _round(energy_kwh: NDArray[np.float64]) -> Decimal:
    return Decimal(float(energy_kwh.sum())).quantize(_KWH)
