"""A community whose members can be told by marks that stand nowhere else, and what tells them."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from api.services.agreements.generate_agreement_files import generate_distributor_file
from api.services.bills.recorded_contracts import record_contracts
from api.services.collection.protect_supply import protect_supply
from api.services.collection.record_mandates import AccountWish, MandateWish, record_mandate
from api.services.file_imports.store_upload import store_upload, upload_path
from api.services.invoices.generate_invoice_files import QrTarget, generate_invoice_pdf
from api.services.invoices.record_parties import PartyDetails, set_payer
from api.services.outbox.mail_invoices import mail_invoices
from api.services.people.erase_person import clear_erasure, erase_person
from models.session import read_session, write_session
from models.tables import (
    AccountGrant,
    DistributionAgreement,
    Erasure,
    FileImport,
    ImportSubject,
    Invoice,
    InvoiceIssuer,
    JobRun,
    JobState,
    Membership,
    Promoter,
    Reading,
    ReserveApplication,
    UserAccount,
)
from models.values.access import Role
from models.values.debts import SupplyProtection
from models.values.direct_debits import DebitOutcome
from models.values.invoicing import BillingBasis
from models.values.ledger import PaymentMethod
from tests.support.agreements import agree, apply, leave
from tests.support.billing import OCTOBER, BilledCommunity, add_billed_community, make_nif, term
from tests.support.community_folders import make_cups
from tests.support.direct_debits import NOW, SIGNED, Collector, account_of, set_creditor
from tests.support.keyrings import KEYRING
from tests.support.ledger import Books
from tests.support.stored_bills import HOME, contracts_of
from tests.support.stored_proposals import store_proposal

ERASED_AT = datetime(2024, 2, 1, 9, 30, tzinfo=UTC)
LEFT_ON = date(2024, 1, 1)
PLACES = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells one member from all others, by what may be kept of it."""

    code: str
    cups: str
    name: str
    tax_number: str
    address: str
    email: str
    holder: str
    iban: str
    note: str
    """Stands in texts: of a contract, a protection, a payment."""

    @property
    def of_invoices(self) -> tuple[str, ...]:
        """What an invoice tells."""
        return (self.cups, self.name, self.tax_number, self.address)

    @property
    def of_nothing_kept(self) -> tuple[str, ...]:
        """What no law keeps."""
        return (self.code, self.email, self.holder, self.iban, self.note)


def mark(place: int) -> Marks:
    """Give the marks of a member."""
    number = 7731 + place
    return Marks(
        code=f"persona-zqx-{number}",
        cups=make_cups(number),
        name=f"Zorrilla Quexigal Ñandú {number}",
        tax_number=make_nif(77310000 + place),
        address=f"Calle del Marcador {number}",
        email=f"zqx.{number}@marcada.example",
        holder=f"Titular Xilofon {number}",
        iban=account_of(number).reveal(),
        note=f"recado-wkz-{number}",
    )


@dataclass(frozen=True, slots=True)
class MarkedCommunity:
    """Three members of whom everything is stored that can be; the first one has left."""

    billed: BilledCommunity
    data_dir: Path

    @property
    def owner(self) -> UUID:
        """The tenant."""
        return self.billed.owner

    def member_id(self, place: int = 0) -> UUID:
        """Give the id of a member."""
        return self.billed.stored.members[place].id

    def measured(self, place: int) -> list[bytes]:
        """Give what is stored of a member's consumption, a piece of each month."""
        point = self.billed.stored.points[place].id
        with read_session(self.billed.engine) as session:
            rows = select(Reading.energy_wh).where(Reading.supply_point_id == point)
            return [content[:64] for content in session.exec(rows)]


def spell(text: str) -> Iterator[bytes]:
    """Spell a mark in all the ways in which bytes may hold it."""
    yield from (text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
    yield orjson.dumps(text)[1:-1]
    yield text.encode("ascii", "backslashreplace")
    yield text.encode().hex().encode()
    for shift in range(3):
        packed = base64.b64encode(b"?" * shift + text.encode())
        yield packed[4 if shift else 0 : -4]


def erase(marked: MarkedCommunity, *, clears: bool = True, **more: Any) -> Erasure:
    """Erase the first member, its files too."""
    engine = marked.billed.engine
    given = {"member_id": marked.member_id(), "confirmation": mark(0).code, "account_id": None}
    with write_session(engine) as session:
        erasure = erase_person(
            session,
            promoter_id=marked.owner,
            keyring=KEYRING,
            now=ERASED_AT,
            **(given | more),
        )
    return clear(marked, erasure.id) if clears else erasure


def clear(marked: MarkedCommunity, erasure_id: UUID) -> Erasure:
    """Clear what an erasure left."""
    return clear_erasure(
        marked.billed.engine,
        promoter_id=marked.owner,
        erasure_id=erasure_id,
        data_dir=marked.data_dir,
        now=ERASED_AT,
    )


def add_marked_community(engine: Engine, promoter: Promoter, data_dir: Path) -> MarkedCommunity:
    """Store three marked members, bill and debit them, and let the first one leave."""
    terms = (term(BillingBasis.FIXED, "10"),)
    billed = add_billed_community(engine, promoter, terms=terms, pays=False)
    stored = billed.stored
    with write_session(engine) as session:
        for place in PLACES:
            _mark_member(session, billed, place)
    for place in PLACES:
        billed.subscribe(place)
    billed.allocate(OCTOBER.start)
    _collect(billed)
    with write_session(engine) as session:
        _store_papers(session, billed)
        for place in PLACES:
            _store_account(session, billed, place)
        _store_files(session, billed, data_dir)
        store_proposal(session, stored).result = {"members": [mark(0).cups, mark(1).cups]}
    leave(engine, stored, 0)
    apply(engine, stored, _agree_without_first(engine, billed), LEFT_ON)
    return MarkedCommunity(billed, data_dir)


def _mark_member(session: Session, billed: BilledCommunity, place: int) -> None:
    marks, owner = mark(place), billed.owner
    member = session.merge(billed.stored.members[place])
    point = session.merge(billed.stored.points[place])
    member.code, point.cups, point.lat, point.lon = marks.code, marks.cups, 39.5, -0.4
    billed.stored.points[place].cups = marks.cups
    session.flush()
    details = PartyDetails(
        marks.tax_number, marks.name, marks.address, "46021", "València", "València"
    )
    set_payer(session, promoter_id=owner, member_id=member.id, details=details, email=marks.email)
    record_contracts(
        session,
        promoter_id=owner,
        cups=[marks.cups],
        contracts=contracts_of(HOME | {"name": marks.note, "cups": [marks.cups]}),
        valid_from=date(2023, 1, 1),
        now=NOW,
    )
    protect_supply(
        session,
        promoter_id=owner,
        cups=marks.cups,
        protection=SupplyProtection.VULNERABLE,
        valid_from=date(2023, 1, 1),
        because=marks.note,
        now=NOW,
    )
    session.add(
        ReserveApplication(
            promoter_id=owner,
            community_id=member.community_id,
            supply_point_id=point.id,
            position=place,
        )
    )


def _collect(billed: BilledCommunity) -> None:
    """Issue invoices, have them collected in vain, and let the first member pay by transfer."""
    billed.issue(now=NOW)
    (issuer,) = billed.rows(InvoiceIssuer)
    invoices = billed.rows(Invoice, col(Invoice.number))
    books = Books(billed, issuer.id, tuple(invoices))
    set_creditor(books)
    collector = Collector(books)
    for place in PLACES:
        account = AccountWish(mark(place).holder, account_of(7731 + place))
        wish = MandateWish(issuer.id, books.member_id(place), account, date(2023, 11, 1))
        books.do(record_mandate, wish=wish, keyring=KEYRING, now=SIGNED)
    collector.collect()
    collector.tell(collector.debit_of(0), DebitOutcome.REJECTED, "AM04")
    books.pay(
        0,
        method=PaymentMethod.TRANSFER,
        payer_name=mark(0).holder,
        payer_iban=account_of(7731),
        reference=mark(0).note,
    )
    ids = [invoice.id for invoice in invoices]
    books.do(mail_invoices, invoice_ids=ids)
    for key in ids:
        books.do(generate_invoice_pdf, invoice_id=key, qr=QrTarget(), keyring=KEYRING)


def _store_papers(session: Session, billed: BilledCommunity) -> None:
    """Keep the files of the agreement in force."""
    agreement_id = session.exec(select(DistributionAgreement.id)).one()
    given = {"promoter_id": billed.owner, "agreement_id": agreement_id, "now": NOW}
    generate_distributor_file(session, **given)


def _store_account(session: Session, billed: BilledCommunity, place: int) -> None:
    marks = mark(place)
    account = UserAccount(
        promoter_id=billed.owner,
        email=marks.email,
        name=marks.name,
        role=Role.MEMBER,
        created_at=NOW,
    )
    session.add(account)
    session.flush()
    session.add(
        AccountGrant(
            promoter_id=billed.owner,
            account_id=account.id,
            member_id=billed.stored.members[place].id,
            created_at=NOW,
        )
    )


def _store_files(session: Session, billed: BilledCommunity, data_dir: Path) -> None:
    """Keep a file that was sent, what became of one, and an export."""
    content = "\n".join(f"{mark(place).cups};{mark(place).name};1,5" for place in PLACES).encode()
    upload_id = UUID(int=7731)
    for path in (upload_path(data_dir, upload_id), data_dir / "exports" / str(UUID(int=7732))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    store_upload(
        session,
        promoter_id=billed.owner,
        upload_id=upload_id,
        file_name=f"{mark(0).name}.csv",
        sha256=digest,
        size_bytes=len(content),
        now=NOW,
    )
    told: dict[str, Any] = {
        "meters": {mark(place).cups: {"member": mark(place).code} for place in PLACES}
    }
    session.add(
        FileImport(
            promoter_id=billed.owner,
            community_id=billed.stored.community.id,
            subject=ImportSubject.READINGS,
            format="csv",
            file_name=f"{mark(0).name}.csv",
            sha256=digest,
            options={"columns": [mark(0).code, mark(1).code]},
            options_sha256=digest,
            accepted_count=1,
            rejected_count=0,
            report=told,
            created_at=NOW,
        )
    )
    session.add(
        JobRun(
            id=UUID(int=7732),
            promoter_id=billed.owner,
            kind="export_data",
            arguments=told,
            state=JobState.SUCCEEDED,
            report={"file_name": "x.csv", "whose": [mark(place).name for place in PLACES]},
            created_at=NOW,
            finished_at=NOW,
        )
    )


def _agree_without_first(engine: Engine, billed: BilledCommunity) -> UUID:
    """Publish an agreement of the two who stay."""
    with read_session(engine) as session:
        ended = session.exec(select(Membership).where(Membership.valid_until == LEFT_ON)).one()
        assert ended.supply_point_id == billed.stored.points[0].id
    rest = type(billed.stored)(
        billed.stored.community,
        billed.stored.installation,
        billed.stored.members[1:],
        billed.stored.points[1:],
    )
    return agree(engine, rest, 600_000, 400_000, year=2024)
