"""Numbers of bank accounts as the database keeps them: sealed, found by an index, shown masked."""

from dataclasses import dataclass
from uuid import UUID

from models.keyring import KeyPurpose, Keyring
from models.values.iban import Iban


@dataclass(frozen=True, slots=True)
class SealedIban:
    """What a row keeps of an account.

    Attributes
    ----------
    sealed : bytes
        The number, which opens in this row alone.
    index : bytes
        By which the same number of the same promoter is found.
    masked : str
        What may be shown.
    """

    sealed: bytes
    index: bytes
    masked: str


def seal_iban(keyring: Keyring, iban: Iban, *, place: str, promoter_id: UUID) -> SealedIban:
    """Seal an account for its row.

    Parameters
    ----------
    keyring : Keyring
        What seals.
    iban : Iban
        The account.
    place : str
        Its row, as ``name_place`` says it.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    SealedIban
    """
    sealed = keyring.seal(KeyPurpose.IBAN, iban.reveal().encode(), bound_to=place)
    return SealedIban(sealed, index_iban(keyring, iban, promoter_id=promoter_id), str(iban))


def open_iban(keyring: Keyring, sealed: bytes, *, place: str) -> Iban:
    """Open an account.

    Parameters
    ----------
    keyring : Keyring
        What opens.
    sealed : bytes
        What the row keeps.
    place : str
        The row, as ``name_place`` says it.

    Returns
    -------
    Iban

    Raises
    ------
    UnopenedSecretError
        If its key is missing, or it stood in another row, or was changed.
    """
    return Iban(keyring.open(KeyPurpose.IBAN, sealed, bound_to=place).decode())


def index_iban(keyring: Keyring, iban: Iban, *, promoter_id: UUID) -> bytes:
    """Compute by what an account is found among a promoter's, 32 bytes."""
    return keyring.index(KeyPurpose.IBAN_INDEX, f"{promoter_id} {iban.reveal()}")


def name_place(table: str, column: str, row_id: UUID) -> str:
    """Name the place that something is sealed for."""
    return f"{table}.{column}:{row_id}"
