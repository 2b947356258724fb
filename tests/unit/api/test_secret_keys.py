"""Where secrets come from, and what is said of those that do not fit."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.secret_keys import FILE_NAME, load_keyring, make_secret
from api.settings import InvalidSettingError, Settings
from models.keyring import KeyPurpose

KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def without_keys(monkeypatch):
    monkeypatch.delenv("REPARTO_SECRET_KEYS")


def signature(settings: Settings) -> bytes:
    return load_keyring(settings).sign(KeyPurpose.IBAN, "x")


def test_the_setting_goes_before_the_file(tmp_path):
    load_keyring(Settings(data_dir=tmp_path))
    settings = Settings(data_dir=tmp_path, secret_keys=f"1:{KEY},2:{KEY}")
    assert load_keyring(settings).version == 2


def test_a_file_is_made_once_for_its_owner_alone(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    made = signature(settings)
    path = tmp_path / "data" / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [FILE_NAME]
    assert signature(settings) == made


def test_whoever_comes_at_the_same_time_gets_the_same(tmp_path):
    folders = [tmp_path / "." / f"{'./' * n}data" for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda one: signature(Settings(data_dir=one)), folders))
    assert len(made) == 1


def test_secrets_are_drawn_anew():
    number, _, secret = make_secret(3).partition(":")
    assert (number, len(base64.b64decode(secret))) == ("3", 32)
    assert make_secret(3) != make_secret(3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        KEY,
        f"0:{KEY}",
        f"x:{KEY}",
        f"65536:{KEY}",
        "1:",
        "1:secret!",
        "1:c2VjcmV0",
        f"1:{KEY} 2",
    ],
)
def test_what_is_no_secret_is_refused_without_telling_it(tmp_path, text):
    with pytest.raises(InvalidSettingError, match="is no NUMBER:SECRET") as caught:
        load_keyring(Settings(data_dir=tmp_path, secret_keys=text))
    assert "secret!" not in str(caught.value)
    assert KEY not in str(caught.value)
