"""The pinned dependencies: complete, by hash, and without addresses."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.source_code import ROOT

LOCKS = ROOT / "scripts" / "locks"
LOCK_NAMES = ["dev.txt", "product.txt", "client.txt"]
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)(?P<rest>.*?)$", re.MULTILINE)
Pins = dict[tuple[str, str], frozenset[str]]


def read_pins(path: Path) -> Pins:
    """Map each pinned name and version to its hashes."""
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text(encoding="utf-8"))
    pins = {}
    for block in blocks:
        if match := PIN.match(block):
            hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block))
            pins[match["name"], match["version"]] = hashes
    return pins


@pytest.mark.parametrize("name", LOCK_NAMES)
def test_every_pin_has_hashes(name: str) -> None:
    pins = read_pins(LOCKS / name)
    assert {pin for pin, hashes in pins.items() if not hashes} == set()
    text = (LOCKS / name).read_text(encoding="utf-8")
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCK_NAMES)
def test_no_lock_holds_an_address(name: str) -> None:
    text = (LOCKS / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)


def test_the_product_is_pinned_as_it_is_tested() -> None:
    tested = read_pins(LOCKS / "dev.txt")
    product = read_pins(LOCKS / "product.txt")
    assert {pin: tested.get(pin) for pin in product} == product


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for lock, wanted in (
        ("product.txt", project["project"]["dependencies"]),
        ("dev.txt", project["dependency-groups"]["dev"]),
        ("client.txt", project["dependency-groups"]["client"]),
    ):
        pinned = {name for name, _ in read_pins(LOCKS / lock)}
        assert {re.split(r"[<>=\[]", each)[0] for each in wanted} - pinned == set()
