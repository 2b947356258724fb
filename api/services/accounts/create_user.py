"""Make the accounts of those who sign in."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.services.accounts.ensure_promoter import ensure_promoter
from api.services.accounts.passwords import hash_new_password
from models.tables import UserAccount
from models.values.access import Role
from models.values.email_address import check_email
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.names import check_name


class EmailTakenError(ConflictError):
    """Somebody signs in with this address already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} has an account already")
        self.email = email


class MisplacedPromoterError(InvalidArgumentError):
    """An operator belongs to no promoter, everybody else to one.

    Attributes
    ----------
    reason : str
        Where one belongs who has it.
    """

    def __init__(self, role: Role) -> None:
        is_operator = role is Role.OPERATOR
        self.reason = "belongs to no promoter" if is_operator else "belongs to a promoter: name it"
        super().__init__(f"a user with the role {role} {self.reason}")
        self.role = role


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    promoter: str | None,
    password: str,
    now: datetime,
) -> UserAccount:
    """Make an account; its promoter is made if need be.

    Parameters
    ----------
    session : Session
        Open transaction.
    email : str
        What they sign in with; small and capital letters are the same.
    name : str
        What they are called.
    role : Role
        What they may do.
    promoter : str or None
        Name of the promoter they work for; None for an operator.
    password : str
        12 to 200 characters; only its Argon2id hash is kept.
    now : datetime
        The present instant.

    Returns
    -------
    UserAccount
        The account.

    Raises
    ------
    UnfitEmailError, UnfitPasswordError, InvalidNameError
        If a text does not fit.
    MisplacedPromoterError
        If an operator names a promoter, or another role none.
    EmailTakenError
        If the address has an account.
    """
    address = email.strip().lower()
    check_email(address)
    password_hash = hash_new_password(password)
    if (role is Role.OPERATOR) != (promoter is None):
        raise MisplacedPromoterError(role)
    owner = None if promoter is None else ensure_promoter(session, name=promoter, now=now)
    account = UserAccount(
        promoter_id=None if owner is None else owner.id,
        email=address,
        name=check_name("user", name),
        role=role,
        password_hash=password_hash,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise EmailTakenError(address) from error
    return account
