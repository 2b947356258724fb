"""Find the agreement that a request is about, to read it or to decide on it."""

from uuid import UUID

from sqlmodel import Session

from models.repositories.agreements import map_agreements
from models.repositories.installations import lock_installation
from models.tables import AgreementState, DistributionAgreement
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError

LONGEST_REASON = 500
"""Most characters of a reason."""


class UnknownAgreementError(NotFoundError):
    """There is no such agreement for this caller."""

    def __init__(self, agreement_id: UUID | None) -> None:
        super().__init__("there is no such agreement")
        self.agreement_id = agreement_id


class AgreementStateError(ConflictError):
    """An agreement stands where what was asked cannot be done to it.

    Attributes
    ----------
    state : AgreementState
        Where it stands.
    act : str
        What was to be done to it.
    """

    def __init__(
        self, state: AgreementState, act: str, allowed: tuple[AgreementState, ...]
    ) -> None:
        super().__init__(
            f"the agreement is {state}, and only one that is {' or '.join(allowed)} can be {act}"
        )
        self.state = state
        self.act = act


class ReasonError(InvalidArgumentError):
    """A reason says nothing, or too much.

    Attributes
    ----------
    text : str
        What was offered.
    """

    def __init__(self, text: str) -> None:
        super().__init__(
            f"a reason needs 1 to {LONGEST_REASON} characters that can be shown, "
            f"not the {len(text)} of {text[:40]!r}"
        )
        self.text = text


def find_agreement(
    session: Session, *, promoter_id: UUID, agreement_id: UUID
) -> DistributionAgreement:
    """Find an agreement by its id.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The agreement.

    Returns
    -------
    DistributionAgreement
        As it is stored.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    """
    found = map_agreements(session, promoter_id=promoter_id, agreement_ids=[agreement_id])
    if agreement_id not in found:
        raise UnknownAgreementError(agreement_id)
    return found[agreement_id]


def take_agreement(
    session: Session,
    *,
    promoter_id: UUID,
    agreement_id: UUID,
    act: str,
    allowed: tuple[AgreementState, ...],
    done: AgreementState | None = None,
) -> DistributionAgreement:
    """Find an agreement that is to be changed, while nobody else changes those of its plant.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The agreement.
    act : str
        What is to be done to it, such as ``published``.
    allowed : tuple of AgreementState
        Where it may stand for that.
    done : AgreementState, optional
        Where it stands once that was done, if it may be asked for again.

    Returns
    -------
    DistributionAgreement
        As it stands once its plant is held.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it stands elsewhere.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    lock_installation(session, promoter_id=promoter_id, installation_id=agreement.installation_id)
    session.refresh(agreement)
    if agreement.state not in allowed and agreement.state is not done:
        raise AgreementStateError(agreement.state, act, allowed)
    return agreement


def check_reason(text: str) -> str:
    """Return a reason as it is, if it is fit to be stored and shown.

    Parameters
    ----------
    text : str
        Why something was done.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    ReasonError
        If it is blank, has more than 500 characters, or one that cannot be shown.

    Examples
    --------
    >>> check_reason("El Ayuntamiento no firma")
    'El Ayuntamiento no firma'
    """
    shown = text.replace("\n", " ")
    if not text.strip() or len(text) > LONGEST_REASON or not shown.isprintable():
        raise ReasonError(text)
    return text
