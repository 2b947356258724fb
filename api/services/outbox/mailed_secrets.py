"""Secrets that e-mails carry in their links, and that no row holds: drawn again when one leaves."""

import base64
from uuid import UUID

from models.keyring import KeyPurpose, Keyring

SECRET_MARK = "[secret]"  # noqa: S105  the mark of a secret opens nothing
"""What stands in the stored text of an e-mail where its secret goes when it leaves."""


def draw_secret(keyring: Keyring, *, promoter_id: UUID, idempotency_key: str) -> str:
    """Draw the secret that an e-mail carries, the same however often it is sent.

    Parameters
    ----------
    keyring : Keyring
        What nobody can draw it without.
    promoter_id : UUID
        The tenant.
    idempotency_key : str
        Under which the e-mail is queued, once for all.

    Returns
    -------
    str
        256 bits in 43 characters that an address may hold.
    """
    drawn = keyring.index(KeyPurpose.MAILED_LINK, f"{promoter_id} {idempotency_key}")
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()
