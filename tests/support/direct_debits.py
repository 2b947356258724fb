"""Communities that collect by direct debit, and what their banks answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from lxml import etree
from sqlalchemy import Engine
from sqlmodel import col

from api.services.collection.create_debit_run import MadeDebitRun, create_debit_run
from api.services.collection.import_debit_statuses import (
    DebitStatusImport,
    import_debit_statuses,
)
from api.services.collection.note_debit_outcome import BankWord, note_debit_outcome
from api.services.collection.prepare_debits import DebitPreview, DebitRunWish, prepare_debits
from api.services.collection.record_mandates import (
    AccountWish,
    MandateWish,
    change_account,
    record_mandate,
    revoke_mandate,
)
from api.services.collection.set_creditor_account import (
    CreditorAccountWish,
    set_creditor_account,
)
from models.tables import Debit, Mandate, MandateAccount, Promoter
from models.values.creditor_id import CreditorId
from models.values.direct_debits import DebitOutcome, PainVersion
from models.values.iban import Iban
from tests.support.keyrings import KEYRING
from tests.support.ledger import Books, open_books
from tests.support.sepa_messages import CREDITOR_ID, IBAN, message, spanish_iban
from tests.support.shared_data import shared_data_folder
from tests.support.stored_once import stored_once

SIGNED = datetime(2023, 11, 1, 9, 30, tzinfo=UTC)
"""When mandates are recorded: usable from 22 November."""
NOW = datetime(2023, 12, 5, 9, 30, tzinfo=UTC)
"""A Tuesday, on which fees of October were issued: due on 25 December."""
DUE_ON = date(2023, 12, 25)
COLLECTED_ON = date(2023, 12, 27)
"""Banks are closed on 25 and 26 December."""


@dataclass(frozen=True, slots=True)
class Collector:
    """An issuer with a creditor account, and members who sign mandates."""

    books: Books

    def sign(
        self, place: int, *, number: int | None = None, now: datetime = SIGNED, **more: Any
    ) -> Mandate:
        """Record the mandate of a member."""
        iban = account_of(100 + place if number is None else number)
        account = AccountWish(f"Payer {place}", iban)
        given = {
            "issuer_id": self.books.issuer_id,
            "member_id": self.books.member_id(place),
            "account": account,
            "signed_on": date(2023, 11, 1),
        }
        wish = MandateWish(**given | more)
        return self.books.do(record_mandate, wish=wish, keyring=KEYRING, now=now)

    def move(
        self, mandate: Mandate, number: int, *, now: datetime = NOW, closes_previous: bool = False
    ) -> MandateAccount:
        """Let a mandate name another account."""
        return self.books.do(
            change_account,
            mandate_id=mandate.id,
            account=AccountWish("Payer", account_of(number)),
            closes_previous=closes_previous,
            keyring=KEYRING,
            now=now,
        )

    def revoke(self, mandate: Mandate, day: date, *, now: datetime = NOW) -> Any:
        """Take a mandate back."""
        return self.books.do(revoke_mandate, mandate_id=mandate.id, revoked_on=day, now=now)

    def wish(self, **wished: Any) -> DebitRunWish:
        """Wish to collect what is due."""
        given = {"issuer_id": self.books.issuer_id, "due_until": DUE_ON}
        return DebitRunWish(**given | wished)

    def preview(self, *, now: datetime = NOW, **wished: Any) -> DebitPreview:
        """Preview a run."""
        return self.books.ask(prepare_debits, wish=self.wish(**wished), now=now)

    def collect(self, key: str = "k", *, now: datetime = NOW, **wished: Any) -> MadeDebitRun:
        """Make a run."""
        wish = self.wish(**wished)
        return self.books.do(
            create_debit_run, wish=wish, idempotency_key=key, keyring=KEYRING, now=now
        )

    def debits(self) -> list[Debit]:
        """Read all debits."""
        return self.books.billed.rows(Debit, col(Debit.collect_on), col(Debit.end_to_end_id))

    def debit_of(self, place: int) -> Debit:
        """Read the newest debit of a member."""
        key = self.books.member_id(place)
        return [each for each in self.debits() if each.member_id == key][-1]

    def tell(
        self,
        debit: Debit,
        outcome: DebitOutcome,
        code: str | None = None,
        *,
        now: datetime = NOW,
        source: str = "s",
    ) -> bool:
        """Note what the bank said of a debit."""
        word = BankWord(outcome, now.date(), source, code)
        return self.books.do(note_debit_outcome, debit=debit, word=word, now=now)

    def report(self, content: bytes, *, now: datetime = NOW) -> DebitStatusImport:
        """Take in a report of the bank."""
        return self.books.do(import_debit_statuses, content=content, now=now)


def account_of(number: int) -> Iban:
    """Make an account."""
    return Iban(spanish_iban(21000418, number))


def add_collector(engine: Engine, promoter: Promoter, n_members: int = 3, **more: Any) -> Collector:
    """Store a community whose members owe a fee each, and let its issuer collect."""
    books = open_books(engine, promoter, n_members)
    set_creditor(books, **more)
    return Collector(books)


def set_creditor(books: Books, **more: Any) -> None:
    """Set with what the issuer of books collects."""
    wish = CreditorAccountWish(CreditorId(CREDITOR_ID), Iban(IBAN), **more)
    books.do(_set, issuer_id=books.issuer_id, wish=wish)


def _set(session: Any, *, promoter_id: UUID, issuer_id: UUID, wish: Any, now: datetime) -> Any:
    return set_creditor_account(
        session, promoter_id=promoter_id, issuer_id=issuer_id, wish=wish, keyring=KEYRING
    )


@stored_once
def collector(engine: Engine, promoter: Promoter) -> Collector:
    """Give an issuer that collects."""
    return add_collector(engine, promoter)


@cache
def _schema(version: PainVersion) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared_data_folder() / f"formats/sepa/{version}.xsd"))


def read_file(content: bytes, version: PainVersion = PainVersion.V08) -> etree._Element:
    """Parse a file that is valid by the bank's schema, and drop its name space."""
    root = etree.fromstring(content)
    _schema(version).assertValid(root)
    for element in root.iter():
        element.tag = etree.QName(element).localname
    return root


def list_file(content: bytes, *paths: str) -> list[tuple[str | None, ...]]:
    """List some texts of every debit of a file, after the day and the type of its batch."""
    return [
        (
            batch.findtext("ReqdColltnDt"),
            batch.findtext("PmtTpInf/SeqTp"),
            *(debit.findtext(path) for path in paths),
        )
        for batch in read_file(content).iterfind("CstmrDrctDbtInitn/PmtInf")
        for debit in batch.iterfind("DrctDbtTxInf")
    ]


def write_report(message_id: str, told: Sequence[tuple[str, str, str | None]]) -> bytes:
    """Write a report that tells debits one by one: reference, status, code."""
    debits = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        + (f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>" if code else "")
        + "</TxInfAndSts>"
        for reference, status, code in told
    )
    batch = f"<OrgnlPmtInfId>{message_id}-1</OrgnlPmtInfId>{debits}"
    return message(
        "pain.002.001.10",
        "<CstmrPmtStsRpt><GrpHdr><MsgId>STS-1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{message_id}</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts>{batch}</OrgnlPmtInfAndSts></CstmrPmtStsRpt>",
    )
