"""Who signs up: kept sealed, each under its own row."""

from dataclasses import asdict, dataclass
from uuid import UUID

import orjson

from models.keyring import KeyPurpose, Keyring
from models.sealed_ibans import name_place
from models.tables import SignUp

METER = 20
"""Characters of a CUPS without its measuring point."""


@dataclass(frozen=True, slots=True)
class SignUpDetails:
    """Who signs up.

    Attributes
    ----------
    name : str
        Name.
    tax_number : str
        NIF.
    email : str
        Address of electronic mail.
    phone : str or None
        Telephone.
    cups : str
        Supply point.
    lat, lon : float or None
        Where it is [degrees].
    """

    name: str
    tax_number: str
    email: str
    phone: str | None
    cups: str
    lat: float | None
    lon: float | None

    @property
    def masked_tax_number(self) -> str:
        """The tax number as it may be shown: its last four characters."""
        return f"*****{self.tax_number[-4:]}"


def seal_details(keyring: Keyring, details: SignUpDetails, *, sign_up_id: UUID) -> bytes:
    """Seal who signs up for the row of a sign-up.

    Parameters
    ----------
    keyring : Keyring
        What seals.
    details : SignUpDetails
        Who signs up.
    sign_up_id : UUID
        The row.

    Returns
    -------
    bytes
        What opens in that row alone.
    """
    plain = orjson.dumps(asdict(details))
    return keyring.seal(KeyPurpose.SIGN_UP, plain, bound_to=_name_row(sign_up_id))


def open_details(keyring: Keyring, sign_up: SignUp) -> SignUpDetails:
    """Open who signed up.

    Parameters
    ----------
    keyring : Keyring
        What opens.
    sign_up : SignUp
        The row.

    Returns
    -------
    SignUpDetails
        What was typed in.

    Raises
    ------
    UnopenedSecretError
        If its key is missing, or it stood in another row, or was changed.
    """
    place = _name_row(sign_up.id)
    plain = keyring.open(KeyPurpose.SIGN_UP, sign_up.sealed_details, bound_to=place)
    return SignUpDetails(**orjson.loads(plain))


def index_email(keyring: Keyring, email: str) -> bytes:
    """Compute by what an address is found, in capital letters or small ones.

    Parameters
    ----------
    keyring : Keyring
        Whose key.
    email : str
        The address.

    Returns
    -------
    bytes
        32 of them.
    """
    return keyring.index(KeyPurpose.SIGN_UP_INDEX, f"email {email.lower()}")


def index_meter(keyring: Keyring, cups: str) -> bytes:
    """Compute by what a meter is found, with its measuring point or without.

    Parameters
    ----------
    keyring : Keyring
        Whose key.
    cups : str
        Code of the supply point.

    Returns
    -------
    bytes
        32 of them.
    """
    return keyring.index(KeyPurpose.SIGN_UP_INDEX, f"meter {cups[:METER]}")


def index_network(keyring: Keyring, network: str) -> bytes:
    """Compute by what sign-ups from the same network are counted.

    Parameters
    ----------
    keyring : Keyring
        Whose key.
    network : str
        Name of the network.

    Returns
    -------
    bytes
        32 of them.
    """
    return keyring.index(KeyPurpose.SIGN_UP_INDEX, f"network {network}")


def _name_row(sign_up_id: UUID) -> str:
    return name_place("sign_up", "sealed_details", sign_up_id)
