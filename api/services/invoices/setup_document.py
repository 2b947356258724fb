"""What a community charges as a document: a TOML file with issuers, plans and who pays by them."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from api.services.invoices.payment_plans import TermWish
from api.services.invoices.record_parties import PartyDetails
from loaders.typed_document import describe_faults, name_some, read_toml_file
from models.values.errors import InvalidArgumentError
from models.values.invoicing import BillingBasis, Exemption, TaxKind

__all__ = [
    "IssuerSection",
    "PlanSection",
    "SetupDocument",
    "SetupDocumentError",
    "SubscriptionSection",
    "TermSection",
    "check_term",
    "parse_setup",
    "read_setup_file",
]

_MOST_SECTIONS = 1_000

Price = Annotated[Decimal, Field(ge=0, lt=10**9, allow_inf_nan=False, decimal_places=8)]
Percent = Annotated[Decimal, Field(ge=0, le=100, allow_inf_nan=False, decimal_places=2)]


class SetupDocumentError(InvalidArgumentError):
    """A document of plans says what cannot be understood.

    Attributes
    ----------
    faults : tuple of str
        Where, and why, each.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"plans: {name_some(faults, '; ')}")
        self.faults = tuple(faults)


class _Section(BaseModel):
    """A part as it is written; unknown keys are refused, so that a slip is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IssuerSection(_Section):
    """In whose name invoices are issued."""

    tax_number: str
    name: str
    address: str
    postal_code: str
    town: str
    province: str

    def as_details(self) -> PartyDetails:
        """Give what an issuer is made of."""
        return PartyDetails(**self.model_dump())


class TermSection(_Section):
    """One price of a plan; its place on the invoice is its place in the plan."""

    charges: BillingBasis
    price_eur: Price
    description: str
    tax: TaxKind = TaxKind.VAT
    tax_percent: Percent
    valid_from: date
    valid_until: date | None = None
    position: int | None = Field(default=None, ge=0, le=1_000)
    exemption: Exemption | None = None
    exempt_because: str | None = None
    instalments: int = 1

    def as_wish(self, place: int) -> TermWish:
        """Give the term of a plan."""
        return TermWish(
            position=place if self.position is None else self.position,
            basis=self.charges,
            price_eur=self.price_eur,
            description=self.description,
            tax=self.tax,
            tax_percent=self.tax_percent,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            exemption=self.exemption,
            exempt_because=self.exempt_because,
            instalments=self.instalments,
        )


class PlanSection(_Section):
    """A plan of prices; free without terms."""

    code: str
    name: str
    issuer: str | None = None
    """NIF; the document's only issuer without it."""
    term: tuple[TermSection, ...] = Field(default=(), max_length=_MOST_SECTIONS)

    def list_terms(self) -> list[TermWish]:
        """Give its terms in the order of the document."""
        return [section.as_wish(place) for place, section in enumerate(self.term)]


class SubscriptionSection(_Section):
    """Who pays by a plan."""

    plan: str
    cups: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=100_000)
    """All that share in a plant of the community and pay by no plan yet, without it."""
    valid_from: date
    valid_until: date | None = None


class SetupDocument(_Section):
    """All that a document says."""

    issuer: tuple[IssuerSection, ...] = Field(default=(), max_length=_MOST_SECTIONS)
    plan: tuple[PlanSection, ...] = Field(default=(), max_length=_MOST_SECTIONS)
    subscription: tuple[SubscriptionSection, ...] = Field(default=(), max_length=_MOST_SECTIONS)

    @model_validator(mode="after")
    def _name_issuers(self) -> Self:
        if len(self.issuer) != 1 and any(plan.issuer is None for plan in self.plan):
            raise ValueError("name the issuer of each plan by its NIF, for there is not just one")
        return self

    def issuer_of(self, plan: PlanSection) -> str:
        """Give the NIF of a plan's issuer."""
        return plan.issuer or self.issuer[0].tax_number


def check_term(values: dict[str, Any], place: int) -> TermWish:
    """Check one price of a plan.

    Parameters
    ----------
    values : dict
        With the fields of ``TermSection``; numbers may be exact decimal text.
    place : int
        Its place on the invoice, unless the values tell another.

    Returns
    -------
    TermWish
        The price.

    Raises
    ------
    SetupDocumentError
        If a value cannot be understood, with every place.
    UnfitTermError, UnfitInvoiceError, InvalidDataError
        As ``TermWish``.
    """
    try:
        return TermSection.model_validate(values).as_wish(place)
    except ValidationError as error:
        raise SetupDocumentError(describe_faults(error)) from error


def parse_setup(content: dict[str, Any]) -> SetupDocument:
    """Check a document of plans.

    Parameters
    ----------
    content : dict
        As TOML says it.

    Returns
    -------
    SetupDocument
        What it says.

    Raises
    ------
    SetupDocumentError
        If it says what cannot be understood, with every place.
    """
    try:
        return SetupDocument.model_validate(content)
    except ValidationError as error:
        raise SetupDocumentError(describe_faults(error)) from error


def read_setup_file(path: Path) -> SetupDocument:
    """Read a document of plans.

    Parameters
    ----------
    path : Path
        TOML file.

    Returns
    -------
    SetupDocument
        What it says.

    Raises
    ------
    UnreadableDocumentError
        If it cannot be read, or is not TOML.
    SetupDocumentError
        If it says what cannot be understood, with every place.
    """
    return parse_setup(read_toml_file(path))
