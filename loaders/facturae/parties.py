"""The parties of a Facturae invoice, and the offices of a public body (DIR3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from loaders.invoice_parts import Address, Party
from loaders.xml_documents import XmlNode
from models.values.errors import InvalidDataError

_DIR3 = re.compile(r"[A-Z]{1,3}[0-9]{6,8}", re.ASCII)
_DIR3_LENGTH = 9
_LONGEST_COMPANY, _LONGEST_NAME = 80, 40
_LONGEST_STREET, _LONGEST_TOWN, _LONGEST_PROVINCE = 80, 50, 20


class UnfitFacturaeError(InvalidDataError):
    """An invoice cannot be written as Facturae.

    Attributes
    ----------
    subject : str
        Which part.
    reason : str
        What it lacks.
    """

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(f"Facturae: {subject} {reason}")
        self.subject = subject
        self.reason = reason


class CentreRole(StrEnum):
    """What an office of a public body does with an invoice, by its code."""

    ACCOUNTING_OFFICE = "01"
    """Oficina contable."""
    MANAGING_BODY = "02"
    """Órgano gestor."""
    PROCESSING_UNIT = "03"
    """Unidad tramitadora."""


@dataclass(frozen=True, slots=True)
class AdministrativeCentre:
    """An office of a public body.

    Attributes
    ----------
    role : CentreRole
        What it does with the invoice.
    code : str
        Its code in the directory DIR3, 9 characters.
    address : Address or None
        None when it is the public body's own.

    Raises
    ------
    UnfitFacturaeError
        If the code has another form.
    """

    role: CentreRole
    code: str
    address: Address | None = None

    def __post_init__(self) -> None:
        if len(self.code) != _DIR3_LENGTH or not _DIR3.fullmatch(self.code):
            reason = f"{self.code[:40]!r} is not 1 to 3 capitals and digits, 9 in all"
            raise UnfitFacturaeError("DIR3 code", reason)


def list_party(party: Party, centres: Sequence[AdministrativeCentre] = ()) -> list[XmlNode]:
    """List what the format says of a party.

    Parameters
    ----------
    party : Party
        With a tax number and an address; texts too long for the format are cut.
    centres : sequence of AdministrativeCentre
        Its offices, if it is a public body.

    Returns
    -------
    list of XmlNode
        Content of ``SellerParty``, ``BuyerParty`` or ``ThirdParty``.

    Raises
    ------
    UnfitFacturaeError
        If the tax number or the address is missing.
    """
    if party.nif is None or party.address is None:
        raise UnfitFacturaeError(repr(party.name), "needs a NIF and an address")
    address = party.address
    identification: list[XmlNode] = [
        ("PersonTypeCode", "F" if party.nif.is_natural else "J"),
        ("ResidenceTypeCode", "R"),
        ("TaxIdentificationNumber", str(party.nif)),
    ]
    offices = [("AdministrativeCentre", _list_centre(each, address)) for each in centres]
    return [
        ("TaxIdentification", identification),
        ("AdministrativeCentres", offices or None),
        _write_person(party, address) if party.nif.is_natural else _write_company(party, address),
    ]


def _list_centre(centre: AdministrativeCentre, address: Address) -> list[XmlNode]:
    return [
        ("CentreCode", centre.code),
        ("RoleTypeCode", centre.role),
        ("AddressInSpain", _list_address(centre.address or address)),
    ]


def _write_company(party: Party, address: Address) -> XmlNode:
    content: list[XmlNode] = [
        ("CorporateName", party.name[:_LONGEST_COMPANY]),
        ("AddressInSpain", _list_address(address)),
    ]
    return "LegalEntity", content


def _write_person(party: Party, address: Address) -> XmlNode:
    """Name a person by the first word and the others, which the format wants apart."""
    name, _, surname = party.name.strip().partition(" ")
    content: list[XmlNode] = [
        ("Name", name[:_LONGEST_NAME]),
        ("FirstSurname", surname.strip()[:_LONGEST_NAME]),
        ("AddressInSpain", _list_address(address)),
    ]
    return "Individual", content


def _list_address(address: Address) -> list[XmlNode]:
    return [
        ("Address", address.street[:_LONGEST_STREET]),
        ("PostCode", address.post_code),
        ("Town", address.town[:_LONGEST_TOWN]),
        ("Province", address.province[:_LONGEST_PROVINCE]),
        ("CountryCode", "ESP"),
    ]
