"""Where the secrets of an installation come from: a setting, or a file that is made once."""

import base64
import binascii
import os
import secrets
from functools import lru_cache
from pathlib import Path

from api.settings import InvalidSettingError, Settings
from models.keyring import KEY_BYTES, Keyring
from models.values.errors import ConflictError

FILE_NAME = "secret.keys"
_NUMBERS = range(1, 1 << 16)


class KeysInSettingError(ConflictError):
    """Secrets stand in a setting, to which no command writes."""

    def __init__(self) -> None:
        super().__init__(
            "the keys stand in REPARTO_SECRET_KEYS: add there NUMBER:SECRET with the next number,"
            " and a secret of 32 random bytes in base64 (openssl rand -base64 32)"
        )


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


def add_secret(settings: Settings) -> int:
    """Add a secret under the next number to the file; whoever runs takes it when it starts anew.

    Parameters
    ----------
    settings : Settings
        Of an installation whose secrets stand in the file.

    Returns
    -------
    int
        The number.

    Raises
    ------
    KeysInSettingError
        If they stand in a setting, where the operator adds to them.
    """
    if settings.secret_keys is not None:
        raise KeysInSettingError
    number = load_keyring(settings).version + 1
    path = settings.data_dir / FILE_NAME
    text = f"{path.read_text('utf-8').rstrip()}\n{make_secret(number)}\n"
    _write_draft(path, text).replace(path)
    _load_file.cache_clear()
    return number


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
    draft = _write_draft(path, make_secret(1) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write_draft(path: Path, text: str) -> Path:
    """Write what is to be a file for its owner's eyes, beside it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


@lru_cache
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
