"""Open the account of an issuer or of a mandate, where its number has to leave."""

from models.keyring import Keyring
from models.sealed_ibans import name_place, open_iban
from models.tables import CreditorAccount, MandateAccount
from models.values.iban import Iban


def open_account(keyring: Keyring, account: CreditorAccount | MandateAccount) -> Iban:
    """Open an account.

    Parameters
    ----------
    keyring : Keyring
        What opens.
    account : CreditorAccount or MandateAccount
        As it is stored.

    Returns
    -------
    Iban

    Raises
    ------
    UnopenedSecretError
        If its key is missing, or it was changed.
    """
    place = name_place(account.__tablename__, "sealed_iban", account.id)
    return open_iban(keyring, account.sealed_iban, place=place)
