"""Why money cannot be recorded, moved or given back as it was asked."""

from decimal import Decimal
from uuid import UUID

from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError


class UnknownPaymentError(NotFoundError):
    """The caller has no such payment."""

    def __init__(self, payment_id: UUID | None) -> None:
        super().__init__("there is no such payment")
        self.payment_id = payment_id


class UnfitPaymentError(InvalidArgumentError):
    """A payment cannot be as it is said to be.

    Attributes
    ----------
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the payment {reason}")
        self.reason = reason


class SamePaymentKeyError(ConflictError):
    """A payment of that key was recorded with something else.

    Attributes
    ----------
    source_key : str
        The key.
    """

    def __init__(self, source_key: str) -> None:
        super().__init__(f"the key {source_key} names another payment: choose another one")
        self.source_key = source_key


class ForeignInvoiceError(ConflictError):
    """An invoice that is to be paid is another member's or issuer's, or rectifies another one.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(
            f"invoice {number} is not owed by this member to this issuer, or rectifies another "
            "one: name the ordinary invoice"
        )
        self.number = number


class ReturnedPaymentError(ConflictError):
    """A payment came back: it is the member's no more."""

    def __init__(self, payment_id: UUID) -> None:
        super().__init__(f"payment {payment_id} came back: nothing is left of it")
        self.payment_id = payment_id


class RefundedPaymentError(ConflictError):
    """A payment that is said to have come back was refunded before.

    Attributes
    ----------
    refunded_eur : Decimal
        How much of it [EUR].
    """

    def __init__(self, payment_id: UUID, refunded_eur: Decimal) -> None:
        super().__init__(
            f"{refunded_eur} EUR of payment {payment_id} were refunded, and now the bank took it "
            "back whole: settle it with the member by hand"
        )
        self.payment_id = payment_id
        self.refunded_eur = refunded_eur


class AssignedReceiptError(ConflictError):
    """A payment has its member already."""

    def __init__(self, payment_id: UUID) -> None:
        super().__init__(f"payment {payment_id} has its member already")
        self.payment_id = payment_id


class TooMuchError(ConflictError):
    """More is to be given back or given up than there is.

    Attributes
    ----------
    asked_eur, left_eur : Decimal
        What was asked for, and what there is [EUR].
    """

    def __init__(self, asked_eur: Decimal, left_eur: Decimal) -> None:
        super().__init__(f"{asked_eur} EUR are more than the {left_eur} EUR that are left")
        self.asked_eur = asked_eur
        self.left_eur = left_eur


class NothingOpenError(ConflictError):
    """Nothing is owed for an invoice.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"nothing is open of invoice {number}")
        self.number = number
