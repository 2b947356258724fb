"""Record who issues invoices and who pays them, as invoices name them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlmodel import Session

from loaders.facturae.parties import AdministrativeCentre, CentreRole, UnfitFacturaeError
from loaders.invoice_checks import check_text
from loaders.invoice_parts import Address, Party
from models.repositories.members import map_members
from models.repositories.payment_plans import find_issuer, is_issuing, map_payers
from models.tables import InvoiceIssuer, Payer
from models.values.email_address import check_email
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError
from models.values.language import Language
from models.values.nif import Nif

_LONGEST = {"name": 120, "address": 200, "town": 100, "province": 100}


class IssuerExistsError(ConflictError):
    """The promoter issues under that NIF already.

    Attributes
    ----------
    tax_number : str
        The NIF.
    """

    def __init__(self, tax_number: str) -> None:
        super().__init__(f"there is an issuer {tax_number} already: use that one")
        self.tax_number = tax_number


class IssuerElsewhereError(ConflictError):
    """Another promoter of the installation issues under that NIF.

    Attributes
    ----------
    tax_number : str
        The NIF.
    """

    def __init__(self, tax_number: str) -> None:
        super().__init__(
            f"{tax_number} issues for another promoter of this installation, and has one chain of "
            "records: ask the operator"
        )
        self.tax_number = tax_number


class UnknownTaxNumberError(NotFoundError):
    """The promoter issues under no such NIF.

    Attributes
    ----------
    tax_number : str
        The NIF.
    """

    def __init__(self, tax_number: str) -> None:
        super().__init__(f"there is no issuer {tax_number[:20]!r}: describe it first")
        self.tax_number = tax_number


class UnknownMemberError(NotFoundError):
    """The promoter has no such member."""

    def __init__(self, member_id: UUID | None) -> None:
        super().__init__("there is no such member")
        self.member_id = member_id


class OfficesError(InvalidArgumentError):
    """The offices of a public body are not three DIR3 codes.

    Attributes
    ----------
    reason : str
        What is wrong with them.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PartyDetails:
    """Somebody as an invoice names them.

    Attributes
    ----------
    tax_number : str
        NIF or NIE.
    name : str
        At most 120 characters.
    address, town, province : str
        Lines of the address, at most 200, 100 and 100 characters.
    postal_code : str
        Five digits.

    Raises
    ------
    InvalidIdentifierError
        If the tax number fails its check.
    UnfitInvoiceError
        If a text is blank, too long or unprintable, or the postal code has another form.
    """

    tax_number: str
    name: str
    address: str
    postal_code: str
    town: str
    province: str

    def __post_init__(self) -> None:
        for field, most in _LONGEST.items():
            check_text(field, getattr(self, field), most)
        self.as_party()

    def as_party(self) -> Party:
        """Give what the writers of invoices take."""
        address = Address(self.address, self.postal_code, self.town, self.province)
        return Party(self.name, Nif(self.tax_number), address)


def create_issuer(session: Session, *, promoter_id: UUID, details: PartyDetails) -> InvoiceIssuer:
    """Record somebody in whose name invoices are issued.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    details : PartyDetails
        Who.

    Returns
    -------
    InvoiceIssuer
        The stored issuer, whose numbers and chain of records begin with the first invoice.

    Raises
    ------
    IssuerExistsError
        If the promoter issues under that NIF already.
    IssuerElsewhereError
        If another promoter of the installation does.

    Notes
    -----
    RD 1619/2012, article 6: one series for each issuer; RD 1007/2023: one chain for each NIF and
    installation.
    """
    tax_number = details.tax_number
    if find_issuer(session, promoter_id=promoter_id, tax_number=tax_number) is not None:
        raise IssuerExistsError(tax_number)
    if is_issuing(session, tax_number=tax_number):
        raise IssuerElsewhereError(tax_number)
    issuer = InvoiceIssuer(promoter_id=promoter_id, **asdict(details))
    session.add(issuer)
    session.flush()
    return issuer


def update_issuer(session: Session, *, promoter_id: UUID, details: PartyDetails) -> InvoiceIssuer:
    """Give an issuer another name or address; invoices that were issued keep what they say.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    details : PartyDetails
        Who; the NIF tells which issuer, and never changes.

    Returns
    -------
    InvoiceIssuer
        As it stands now.

    Raises
    ------
    UnknownTaxNumberError
        If the promoter issues under no such NIF.
    """
    issuer = find_issuer(session, promoter_id=promoter_id, tax_number=details.tax_number)
    if issuer is None:
        raise UnknownTaxNumberError(details.tax_number)
    for field, value in asdict(details).items():
        setattr(issuer, field, value)
    session.flush()
    return issuer


def set_payer(
    session: Session,
    *,
    promoter_id: UUID,
    member_id: UUID,
    details: PartyDetails,
    language: Language = Language.SPANISH,
    email: str | None = None,
    offices: Sequence[str] = (),
) -> Payer:
    """Record who is invoiced for a member; invoices that were issued keep what they say.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    member_id : UUID
        For whom.
    details : PartyDetails
        Who pays.
    language : Language
        Of the invoices.
    email : str, optional
        Where they go.
    offices : sequence of str
        DIR3 codes of a public body: accounting office, managing body and processing unit.

    Returns
    -------
    Payer
        The stored payer.

    Raises
    ------
    UnknownMemberError
        If the promoter has no such member.
    UnfitEmailError
        If the address is none.
    OfficesError
        If an office has another form, or some are named, but not all three.
    """
    if member_id not in map_members(session, promoter_id=promoter_id, member_ids=[member_id]):
        raise UnknownMemberError(member_id)
    if email is not None:
        check_email(email)
    codes = _check_offices(offices)
    found = map_payers(session, promoter_id=promoter_id, member_ids=[member_id])
    values = asdict(details) | codes | {"language": language, "email": email}
    payer = found.get(member_id) or Payer(promoter_id=promoter_id, member_id=member_id, **values)
    for field, value in values.items():
        setattr(payer, field, value)
    session.add(payer)
    session.flush()
    return payer


def _check_offices(offices: Sequence[str]) -> dict[str, str | None]:
    """Give the columns of a public body's offices, all or none."""
    columns = ("accounting_office", "managing_body", "processing_unit")
    if len(offices) not in (0, len(columns)):
        raise OfficesError(f"{len(offices)} DIR3 offices: name all three, or none")
    try:
        for role, code in zip(CentreRole, offices, strict=False):
            AdministrativeCentre(role, code)
    except UnfitFacturaeError as error:
        raise OfficesError(str(error)) from error
    return dict(zip(columns, offices or (None,) * len(columns), strict=True))
