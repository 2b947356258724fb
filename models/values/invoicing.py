"""Words of invoicing: what an invoice is, what it charges for, and how it corrects another."""

from enum import StrEnum


class InvoiceKind(StrEnum):
    """Kind of an invoice, by the codes of the tax agency (RD 1619/2012, RD 1007/2023)."""

    FULL = "F1"
    SIMPLIFIED = "F2"
    RECTIFIED_BY_LAW = "R1"
    RECTIFIED_FOR_INSOLVENCY = "R2"
    RECTIFIED_FOR_BAD_DEBT = "R3"
    RECTIFIED_OTHERWISE = "R4"
    RECTIFIED_SIMPLIFIED = "R5"

    @property
    def is_rectifying(self) -> bool:
        """Whether it corrects an earlier invoice."""
        return self.value.startswith("R")


class Rectification(StrEnum):
    """How a rectifying invoice corrects: it states the whole anew, or the difference only."""

    SUBSTITUTION = "substitution"
    DIFFERENCE = "difference"


class TaxKind(StrEnum):
    """Tax on consumption: of the mainland and Baleares, of Canarias, of Ceuta and Melilla."""

    VAT = "iva"
    IGIC = "igic"
    IPSI = "ipsi"


class Exemption(StrEnum):
    """Why an operation bears no tax, by its key in the records of the tax agency."""

    INNER_OPERATION = "E1"
    """Exempt by article 20 of the VAT law, or its like in IGIC and IPSI."""
    OTHERWISE = "E6"
    """Exempt for another reason."""
    NOT_SUBJECT = "N1"
    """Not subject to the tax (articles 7 and 14, and others)."""
    NOT_SUBJECT_THERE = "N2"
    """Not subject by the rules of place."""

    @property
    def is_subject(self) -> bool:
        """Tell whether it is subject to the tax, though exempt from it."""
        return self.value.startswith("E")


class BillingBasis(StrEnum):
    """What a line of a payment plan charges for."""

    SELF_CONSUMED = "self-consumed"
    """Energy of the plant that the member used [EUR/kWh]."""
    SURPLUS = "surplus"
    """Handling of the surplus that the member did not use [EUR/kWh]."""
    PARTICIPATION = "participation"
    """The member's part of the plant's power [EUR/kW and month]."""
    FIXED = "fixed"
    """A fee whatever the energy [EUR/month]."""
    SHARE_OF_SAVINGS = "share-of-savings"
    """A part of what the member saves on its retailer's bill [1]."""
    ENTRY_FEE = "entry-fee"
    """What joining costs, once or in equal monthly parts [EUR]."""
