"""Files of direct debits as they are kept: sealed, for they name every payer's account."""

from uuid import UUID

from models.keyring import KeyPurpose, Keyring
from models.sealed_ibans import name_place
from models.tables import DebitRun
from models.values.errors import NotFoundError

ERASED_FILE = b"erased"
"""What is sealed where a file named somebody who was erased since."""


class ErasedFileError(NotFoundError):
    """A file named somebody who was erased, and is gone for all.

    Attributes
    ----------
    message_id : str
        What the file was called.
    """

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"the file {message_id} named the account of somebody who was erased: the bank has it"
        )
        self.message_id = message_id


def seal_file(keyring: Keyring, content: bytes, *, run_id: UUID) -> bytes:
    """Seal a file for its run.

    Parameters
    ----------
    keyring : Keyring
        What seals.
    content : bytes
        The file.
    run_id : UUID
        Its run.

    Returns
    -------
    bytes
    """
    place = name_place("debit_run", "sealed_content", run_id)
    return keyring.seal(KeyPurpose.IBAN, content, bound_to=place)


def open_file(keyring: Keyring, run: DebitRun) -> bytes:
    """Open the file of a run as it was made.

    Parameters
    ----------
    keyring : Keyring
        What opens.
    run : DebitRun
        The run.

    Returns
    -------
    bytes

    Raises
    ------
    UnopenedSecretError
        If its key is missing, or it was changed.
    ErasedFileError
        If it named somebody who was erased since.
    """
    place = name_place("debit_run", "sealed_content", run.id)
    content = keyring.open(KeyPurpose.IBAN, run.sealed_content, bound_to=place)
    if content == ERASED_FILE:
        raise ErasedFileError(run.message_id)
    return content
