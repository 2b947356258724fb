"""Everything that rests sealed under the keys of the installation, whoever owns it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, func, type_coerce
from sqlmodel import Session, SQLModel, col, select, update

from models.keyring import KeyPurpose, read_key_version
from models.tables import (
    CreditorAccount,
    DebitRun,
    InvoiceFile,
    InvoiceFileKind,
    MandateAccount,
    Payment,
    SignUp,
    UserAccount,
)

_NUMBER_BYTES = 2


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed bytes."""

    table: type[SQLModel]
    name: str
    purpose: KeyPurpose
    kind: InvoiceFileKind | None = None
    """Of what is sealed, where other kinds are not."""

    @property
    def column(self) -> Any:
        """The column itself."""
        return col(getattr(self.table, self.name))

    @property
    def is_sealed(self) -> Any:
        """Whether a row has it sealed."""
        if self.kind is None:
            return self.column.is_not(None)
        return col(InvoiceFile.kind) == self.kind

    @property
    def number(self) -> Any:
        """The first bytes, which name the key."""
        return type_coerce(func.substr(self.column, 1, _NUMBER_BYTES), LargeBinary)


SEALED_COLUMNS = (
    SealedColumn(CreditorAccount, "sealed_iban", KeyPurpose.IBAN),
    SealedColumn(MandateAccount, "sealed_iban", KeyPurpose.IBAN),
    SealedColumn(Payment, "sealed_payer_iban", KeyPurpose.IBAN),
    SealedColumn(DebitRun, "sealed_content", KeyPurpose.IBAN),
    SealedColumn(InvoiceFile, "content", KeyPurpose.IBAN, InvoiceFileKind.FACTURAE),
    SealedColumn(UserAccount, "totp_secret", KeyPurpose.SECOND_FACTOR),
    SealedColumn(SignUp, "sealed_details", KeyPurpose.SIGN_UP),
)


def count_by_key(session: Session) -> Counter[int]:
    """Count what rests sealed, by the number of its key."""
    counts: Counter[int] = Counter()
    for sealed in SEALED_COLUMNS:
        rows = select(sealed.number, func.count()).where(sealed.is_sealed)
        for number, count in session.exec(rows.group_by(sealed.number)):
            counts[read_key_version(number)] += count
    return counts


def list_sealed_otherwise(
    session: Session, sealed: SealedColumn, *, version: int, most: int
) -> list[tuple[UUID, bytes]]:
    """Read some of what is sealed under another key than one."""
    own = version.to_bytes(_NUMBER_BYTES, "big")
    key = col(sealed.table.id)  # type: ignore[attr-defined]
    rows = (
        select(key, sealed.column)
        .where(sealed.is_sealed, sealed.number != own)
        .order_by(key)
        .limit(most)
    )
    return [(row_id, held) for row_id, held in session.exec(rows)]


def put_sealed(
    session: Session, sealed: SealedColumn, *, row_id: UUID, was: bytes, held: bytes
) -> None:
    """Put what is sealed anew in place of what was read; what has changed since then stays."""
    key = col(sealed.table.id)  # type: ignore[attr-defined]
    told = update(sealed.table).where(key == row_id, sealed.column == was)
    session.exec(told.values({sealed.name: held}))
