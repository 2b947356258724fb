"""A distributor's invoice held against ours: what is found of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loaders.distributor_invoice.records import DistributorInvoice


class InvoiceCause(StrEnum):
    """What of a distributor's invoice differs."""

    DAYS = "days"
    TARIFF = "tariff"
    CAU = "cau"
    CONTRACTED_POWER = "contracted-power"
    POWER_PRICE = "power-price"
    ENERGY = "energy"
    ENERGY_PRICE = "energy-price"
    COEFFICIENT = "coefficient"
    ALLOCATED = "allocated"
    SELF_CONSUMED = "self-consumed"
    SURPLUS = "surplus"
    POWER_SUM = "power-sum"
    ENERGY_SUM = "energy-sum"
    REACTIVE_SUM = "reactive-sum"
    RENTAL_SUM = "rental-sum"
    TAX_BASE = "tax-base"
    TAX = "tax"
    TOTAL = "total"


class InvoiceRemark(StrEnum):
    """What whoever reads the check should know beside what differs."""

    ESTIMATED = "estimated"
    RECTIFIES = "rectifies"
    LAW_UNKNOWN = "law-unknown"
    POINT_UNKNOWN = "point-unknown"
    ENERGY_UNKNOWN = "energy-unknown"
    SHARES_UNSURE = "shares-unsure"


INVOICE_REMARK_TEXTS = {
    InvoiceRemark.ESTIMATED: "a reading is estimated: a later invoice regularises it with the "
    "real one, and only both together can be held against ours",
    InvoiceRemark.RECTIFIES: "the invoice is not a usual one: it rectifies, cancels, adds to or "
    "regularises another; hold them against ours together",
    InvoiceRemark.LAW_UNKNOWN: "its tariff or the prices of its days are not in our tables of "
    "tolls and charges, so that its prices are not compared",
    InvoiceRemark.POINT_UNKNOWN: "its supply point is not stored, so that only its arithmetic "
    "and its prices are checked",
    InvoiceRemark.ENERGY_UNKNOWN: "our energy of its days is not known, so that it is not compared",
    InvoiceRemark.SHARES_UNSURE: "what its fields of self-consumption mean is recalled, not "
    "confirmed: TotalEnergiaNetaGenBeta is taken for the share of the generation",
}
"""Each remark as a sentence."""


@dataclass(frozen=True, slots=True)
class InvoiceDifference:
    """Something that differs.

    Attributes
    ----------
    cause : InvoiceCause
        What.
    tariff_period : int or None
        Which, counted from 1.
    ours, theirs : str
        As numbers or codes.
    unit : str
        Of both; empty of codes.
    eur : Decimal or None
        By how much it raises the invoice before taxes [EUR], where that follows.
    """

    cause: InvoiceCause
    tariff_period: int | None
    ours: str
    theirs: str
    unit: str = ""
    eur: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoiceCheck:
    """What was found of one invoice.

    Attributes
    ----------
    invoice : DistributorInvoice
        Theirs.
    differences : tuple of InvoiceDifference
        In the order of the causes.
    remarks : tuple of InvoiceRemark
        What should be known.
    detail : str
        Why our energy is not known; empty where it is.
    """

    invoice: DistributorInvoice
    differences: tuple[InvoiceDifference, ...]
    remarks: tuple[InvoiceRemark, ...]
    detail: str = ""

    def agrees(self, tolerance_eur: Decimal = Decimal(0)) -> bool:
        """Tell whether nothing differs but amounts within a tolerance."""
        return all(
            each.eur is not None and abs(each.eur) <= tolerance_eur for each in self.differences
        )
