"""Where the secrets of an installation come from: a setting, or a file that is made once."""

import base64
import binascii
import os
import secrets
from functools import lru_cache
from pathlib import Path

from api.settings import InvalidSettingError, Settings
from models.keyring import KEY_BYTES, Keyring

FILE_NAME = "secret.keys"
_NUMBERS = range(1, 1 << 16)


def load_keyring(settings: Settings) -> Keyring:
    """Read the secrets of an installation, made on the spot if it has none.

    Parameters
    ----------
    settings : Settings
        ``secret_keys`` are taken as they are; without them, those of the file ``secret.keys`` in
        ``data_dir``.

    Returns
    -------
    Keyring
        What seals and opens.

    Raises
    ------
    InvalidSettingError
        If a line is no number and secret of 32 bytes; the secret is not told.
    """
    if settings.secret_keys is not None:
        return _parse(settings.secret_keys.get_secret_value(), "REPARTO_SECRET_KEYS")
    return _load_file(settings.data_dir / FILE_NAME)


def make_secret(number: int) -> str:
    """Draw a secret, written as settings have it."""
    return f"{number}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


@lru_cache
def _load_file(path: Path) -> Keyring:
    if not path.exists():
        _make_file(path)
    return _parse(path.read_text("utf-8"), path.name)


def _make_file(path: Path) -> None:
    """Write the first secret for its owner's eyes; whoever comes second takes the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(make_secret(1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _parse(text: str, source: str) -> Keyring:
    found: dict[int, bytes] = {}
    for place, entry in enumerate(text.replace(",", " ").split(), start=1):
        number, _, secret = entry.partition(":")
        try:
            found[int(number)] = base64.b64decode(secret, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _unfit(source, place) from error
        if int(number) not in _NUMBERS or len(found[int(number)]) != KEY_BYTES:
            raise _unfit(source, place)
    if not found:
        raise _unfit(source, 1)
    return Keyring(found)


def _unfit(source: str, place: int) -> InvalidSettingError:
    return InvalidSettingError(
        f"{source}: entry {place} is no NUMBER:SECRET with a number from 1 and 32 bytes in base64"
    )
