"""What invoices take from the settings: the software that makes them, and who hears of them."""

from collections.abc import Sequence

from api.services.agency.agency_access import AgencyAccess, CertificateSource
from api.services.invoices.generate_invoice_files import QrTarget
from api.settings import Settings
from loaders.invoice_parts import Party
from loaders.verifactu.qr_code import TaxAgencyHost
from loaders.verifactu.records import BillingSystem
from models.values.errors import UnsetSettingError
from models.values.nif import Nif


class UnsetBillingSystemError(UnsetSettingError):
    """Nothing is issued by software that does not say what it is.

    Attributes
    ----------
    variables : tuple of str
        What the operator has to set.
    """

    def __init__(self, variables: Sequence[str]) -> None:
        super().__init__(
            "an invoice's record names the software that made it (RD 1007/2023), which is not "
            f"known: set {', '.join(variables)}"
        )
        self.variables = tuple(variables)


def require_billing_system(settings: Settings) -> BillingSystem:
    """Give the software as its declaration of conformity names it, or say what to set."""
    installation = settings.billing_installation
    name, nif = settings.billing_producer_name, settings.billing_producer_nif
    if installation is None or name is None or nif is None:
        given = {
            "REPARTO_BILLING_INSTALLATION": installation,
            "REPARTO_BILLING_PRODUCER_NAME": name,
            "REPARTO_BILLING_PRODUCER_NIF": nif,
        }
        raise UnsetBillingSystemError([key for key, value in given.items() if value is None])
    return BillingSystem(
        producer=Party(name, Nif(nif)),
        name=settings.billing_system_name,
        system_id=settings.billing_system_id,
        version=settings.billing_system_version,
        installation=installation,
    )


def choose_qr_target(settings: Settings) -> QrTarget:
    """Tell where the QR of an invoice leads; it is verifiable where records are sent."""
    return QrTarget(TaxAgencyHost[settings.invoice_qr_host.name], settings.tax_agency_sends)


def find_agency_access(settings: Settings) -> AgencyAccess:
    """Tell whether and how records are sent to the tax agency."""
    return AgencyAccess(
        str(settings.tax_agency_url), _find_agency_certificate(settings), settings.tax_agency_sends
    )


def find_facturae_signer(settings: Settings) -> CertificateSource | None:
    """Tell with which certificate Facturae are signed: one of their own, or the agency's."""
    path = settings.facturae_certificate
    if path is None:
        return _find_agency_certificate(settings)
    return CertificateSource(path, settings.facturae_certificate_password)


def _find_agency_certificate(settings: Settings) -> CertificateSource | None:
    path = settings.tax_agency_certificate
    return (
        None if path is None else CertificateSource(path, settings.tax_agency_certificate_password)
    )
