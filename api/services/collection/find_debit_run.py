"""Find a run of debits, and its file."""

from uuid import UUID

from sqlmodel import Session

from api.services.collection.sealed_files import open_file
from api.services.proposals.render_downloads import Download
from models.keyring import Keyring
from models.repositories.debits import get_debit_run
from models.tables import DebitRun
from models.values.errors import NotFoundError


class UnknownDebitRunError(NotFoundError):
    """The promoter has made no such run."""

    def __init__(self, run_id: UUID | None) -> None:
        super().__init__("there is no such run of debits")
        self.run_id = run_id


def require_debit_run(session: Session, *, promoter_id: UUID, run_id: UUID) -> DebitRun:
    """Find a run of debits.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        Which.

    Returns
    -------
    DebitRun
        The run.

    Raises
    ------
    UnknownDebitRunError
        If the promoter has made no such run.
    """
    run = get_debit_run(session, promoter_id=promoter_id, run_id=run_id)
    if run is None:
        raise UnknownDebitRunError(run_id)
    return run


def download_sepa_file(
    session: Session, *, promoter_id: UUID, debit_run_id: UUID, keyring: Keyring
) -> Download:
    """Give the file of a run as it was made.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    debit_run_id : UUID
        Which.
    keyring : Keyring
        What opens it.

    Returns
    -------
    Download
        XML for the bank.

    Raises
    ------
    UnknownDebitRunError
        If the promoter has made no such run.
    UnopenedSecretError
        If its key is missing.
    """
    run = require_debit_run(session, promoter_id=promoter_id, run_id=debit_run_id)
    return Download(f"{run.message_id}.xml", "application/xml", open_file(keyring, run))
