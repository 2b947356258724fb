"""Where links that go out by e-mail lead, as the settings have it."""

from api.secret_keys import load_keyring
from api.services.accounts.mailed_links import LinkDesk, NoPublicAddressError
from api.settings import Settings


def require_link_desk(settings: Settings) -> LinkDesk:
    """Give what links are written with, or say that nobody has named the address they lead to."""
    if settings.public_url is None:
        raise NoPublicAddressError
    return LinkDesk(load_keyring(settings), str(settings.public_url), settings.language)
