"""Take a bank's file into the books: what is certain is booked, the rest waits for somebody."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.collection.bank_movements import list_movements
from api.services.collection.bank_report import BankFileReport
from api.services.collection.book_movements import MovementBooking
from api.services.collection.match_movements import read_matches
from api.services.collection.open_account import open_account
from api.services.collection.record_payment import hold_issuer
from api.services.file_imports.file_import_wish import InvalidMappingError
from api.services.file_imports.find_upload import find_upload, remove_used_upload
from loaders.meter_files.table_mapping import FaultyMappingError
from loaders.sepa.bank_files import read_bank_file
from loaders.sepa.statement_mapping import StatementMapping, parse_statement_mapping
from loaders.sepa.statements import Statement
from loaders.typed_document import parse_toml
from models.keyring import Keyring
from models.repositories.mandates import map_creditor_accounts
from models.values.errors import ConflictError, InvalidDataError
from models.values.iban import Iban

_EURO = "EUR"


class ForeignAccountError(ConflictError):
    """A statement is of another account than the issuer's."""

    def __init__(self, account: Iban, expected: Iban) -> None:
        super().__init__(f"the file is of account {account}; the issuer's is {expected}")
        self.account = account
        self.expected = expected


class ForeignCurrencyError(InvalidDataError):
    """A statement is not in euros."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"the account is in {currency or 'no currency'}; only euros are booked")
        self.currency = currency


def import_bank_file(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    statements: Sequence[Statement],
    keyring: Keyring,
    now: datetime,
) -> BankFileReport:
    """Book what a statement tells.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose account it is of.
    statements : sequence of Statement
        What ``read_bank_file`` gave, before the transaction that makes others wait.
    keyring : Keyring
        What seals accounts of payers, and by which they are found.
    now : datetime
        The present instant.

    Returns
    -------
    BankFileReport
        The same file again, or another that tells the same, books nothing twice.

    Raises
    ------
    UnknownIssuerError
        If the caller has no such issuer.
    ForeignAccountError
        If it is of another account than the one with which the issuer collects.
    ForeignCurrencyError
        If it is not in euros.
    UnfitPaymentError
        If it books a day that has not come.

    Notes
    -----
    Booked without anybody's word: debits that the bank names one by one, by batch or by file, if
    they make the amount to the cent; returns that name their debit; transfers that name ordinary
    invoices of one member. Amount and account together only suggest who paid.
    """
    hold_issuer(session, promoter_id=promoter_id, issuer_id=issuer_id)
    _check_accounts(session, promoter_id, issuer_id, statements, keyring)
    movements = list_movements(statements)
    matches = read_matches(
        session,
        promoter_id=promoter_id,
        issuer_id=issuer_id,
        movements=movements,
        keyring=keyring,
    )
    booking = MovementBooking(session, promoter_id, issuer_id, matches, keyring, now)
    return BankFileReport(
        movements=tuple(booking.book(movements)),
        pending_count=sum(statement.n_pending for statement in statements),
    )


def read_uploaded_bank_file(
    session: Session,
    *,
    promoter_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    mapping_text: str | None = None,
) -> tuple[Statement, ...]:
    """Read an uploaded statement.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.
    mapping_text : str, optional
        What the columns of a table mean, in TOML.

    Returns
    -------
    tuple of Statement

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    InvalidMappingError
        If the mapping is at fault.
    UnreadableFileError, FaultyMessageError, FaultyArchiveError, OversizedArchiveError
        If it cannot be read.
    """
    mapping = None if mapping_text is None else parse_mapping(mapping_text)
    upload, path = find_upload(
        session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir
    )
    return read_bank_file(upload.file_name, path.read_bytes(), mapping)


def import_uploaded_bank_file(
    session: Session,
    *,
    promoter_id: UUID,
    issuer_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    statements: Sequence[Statement],
    keyring: Keyring,
    now: datetime,
) -> BankFileReport:
    """Book what an uploaded statement tells, and forget the upload.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    issuer_id : UUID
        Whose account it is of.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.
    statements : sequence of Statement
        What ``read_uploaded_bank_file`` gave.
    keyring : Keyring
        As ``import_bank_file``.
    now : datetime
        The present instant.

    Returns
    -------
    BankFileReport
        As ``import_bank_file``.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    UnknownIssuerError, ForeignAccountError, ForeignCurrencyError, UnfitPaymentError
        As ``import_bank_file``; the upload stays.
    """
    _, path = find_upload(session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir)
    report = import_bank_file(
        session,
        promoter_id=promoter_id,
        issuer_id=issuer_id,
        statements=statements,
        keyring=keyring,
        now=now,
    )
    remove_used_upload(session, upload_id=upload_id, path=path)
    return report


def parse_mapping(text: str) -> StatementMapping:
    """Read a mapping of a bank's own table.

    Parameters
    ----------
    text : str
        TOML, as ``loaders.sepa.statement_mapping`` shows it.

    Returns
    -------
    StatementMapping

    Raises
    ------
    InvalidMappingError
        If it is no TOML, or anything in it is missing, unknown or contradicts itself.
    """
    try:
        return parse_statement_mapping(parse_toml(text))
    except FaultyMappingError as error:
        raise InvalidMappingError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InvalidMappingError(f"the mapping of columns is no TOML: {error}") from error


def _check_accounts(
    session: Session,
    promoter_id: UUID,
    issuer_id: UUID,
    statements: Sequence[Statement],
    keyring: Keyring,
) -> None:
    known = map_creditor_accounts(session, promoter_id=promoter_id, issuer_ids=[issuer_id])
    ours = open_account(keyring, known[issuer_id]) if issuer_id in known else None
    for statement in statements:
        if statement.currency != _EURO:
            raise ForeignCurrencyError(statement.currency)
        if ours is not None and statement.account not in (None, ours):
            assert statement.account is not None
            raise ForeignAccountError(statement.account, ours)
