"""Files of direct debits as they are kept: sealed, for they name every payer's account."""

from uuid import UUID

from models.keyring import KeyPurpose, Keyring
from models.sealed_ibans import name_place
from models.tables import DebitRun


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
    """
    place = name_place("debit_run", "sealed_content", run.id)
    return keyring.open(KeyPurpose.IBAN, run.sealed_content, bound_to=place)
