"""Communities that issue and send, and the tax agency that they send to."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr
from sqlmodel import col

from api.clients import tax_agency
from api.clients.transport import TransportLimits
from api.services.agency.agency_access import AgencyAccess, CertificateSource
from api.services.agency.mend_record import mend_record
from api.services.agency.send_waiting_records import SendingReport, send_waiting_records
from api.services.invoices.cancel_invoice import cancel_invoice
from models.session import write_session
from models.tables import AgencyAnswer, AgencySubmission, FiscalRecord, Invoice
from models.values.invoicing import BillingBasis
from tests.support.billing import NOW, OCTOBER, BilledCommunity, add_billed_community, term
from tests.support.certificates import certify, make_key, pack, write_certificate
from tests.support.invoices import SYSTEM
from tests.support.tax_agency import HOST, TaxAgency, run_tax_agency

PASSWORD = "sésam"


@pytest.fixture(scope="session")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the agency's certificate, ours, and the latter as its own authority."""
    folder = tmp_path_factory.mktemp("agency")
    write_certificate(folder / "agency.pem", HOST)
    certificate = certify(make_key())
    (folder / "authority.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "ours.p12").write_bytes(pack(make_key(), certificate, PASSWORD.encode()))
    return folder


@pytest.fixture
def agency(credentials: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaxAgency]:
    """Play the agency's host on this machine, trusted by the environment."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(credentials / "agency.pem"))
    find = socket.getaddrinfo

    def find_here(host: str, *rest: object, **more: object) -> object:
        return find("127.0.0.1" if host == HOST else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", find_here)
    quick = TransportLimits(
        connect_seconds=2.0, read_seconds=0.3, total_seconds=5.0, most_bytes=200_000, attempts=1
    )
    monkeypatch.setattr(tax_agency, "AGENCY_LIMITS", quick)
    with run_tax_agency(credentials / "agency.pem", credentials / "authority.pem") as running:
        yield running


@dataclass(slots=True)
class Sender:
    """A community that issues three invoices a month, and a clock to turn."""

    billed: BilledCommunity
    access: AgencyAccess
    at: datetime = NOW

    def issue(self, month: int = 10) -> None:
        """Issue a month."""
        start, end = (OCTOBER.start.replace(month=month + plus) for plus in (0, 1))
        period = type(OCTOBER)(start, end)
        self.billed.issue(f"month {month}", now=self.at, period=period)

    def cancel_first(self) -> None:
        """Cancel the first invoice."""
        (first, *_) = self.billed.rows(Invoice, col(Invoice.number))
        with write_session(self.billed.engine) as session:
            cancel_invoice(
                session,
                promoter_id=self.billed.owner,
                invoice_id=first.id,
                because="issued by mistake",
                system=SYSTEM,
                now=self.at,
            )

    def mend(self, number: int) -> FiscalRecord:
        """Mend the newest record of an invoice of the series."""
        return self.mend_key(self.billed.rows(Invoice, col(Invoice.number))[number - 1].id)

    def mend_key(self, invoice_id: UUID) -> FiscalRecord:
        """Mend the newest record of an invoice."""
        with write_session(self.billed.engine) as session:
            return mend_record(
                session,
                promoter_id=self.billed.owner,
                invoice_id=invoice_id,
                system=SYSTEM,
                now=self.at,
            )

    def send(self, wait: timedelta = timedelta(0), **changed: object) -> list[SendingReport]:
        """Send after some time."""
        self.at += wait
        asked = {
            "promoter_id": self.billed.owner,
            "tax_number": "F12345674",
            "access": self.access,
            "clock": lambda: self.at,
        }
        return send_waiting_records(self.billed.engine, **asked | changed)

    def outcomes(self, wait: timedelta = timedelta(0), **changed: object) -> list[str]:
        """Send, and give what became of each message."""
        return [report.outcome.value for report in self.send(wait, **changed)]

    def submissions(self) -> list[AgencySubmission]:
        """Read all messages, oldest first."""
        return self.billed.rows(AgencySubmission, col(AgencySubmission.created_at))

    def states(self) -> list[str]:
        """Give what became of all messages."""
        return [each.state.value for each in self.submissions()]

    def answers(self) -> dict[int, str]:
        """Give the agency's answers, by place in the chain."""
        places = {record.id: record.position for record in self.billed.rows(FiscalRecord)}
        answers = self.billed.rows(AgencyAnswer)
        return dict(sorted((places[each.record_id], each.status.value) for each in answers))


@pytest.fixture
def access(agency: TaxAgency, credentials: Path) -> AgencyAccess:
    """Reach the agency with our certificate."""
    source = CertificateSource(credentials / "ours.p12", SecretStr(PASSWORD))
    return AgencyAccess(agency.url, source, sends=True)


@pytest.fixture
def sender(engine, promoter, access: AgencyAccess) -> Sender:
    """Have issued the invoices of October."""
    billed = add_billed_community(
        engine, promoter, terms=(term(BillingBasis.FIXED, "3"),), shares_energy=False
    )
    made = Sender(billed, access)
    made.issue()
    return made
