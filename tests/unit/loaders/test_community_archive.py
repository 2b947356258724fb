import stat
import zipfile
from pathlib import Path

import pytest

from api.services.jobs.describe_failure import describe_faults
from loaders import community_archive
from loaders.community_archive import (
    FaultyArchiveError,
    OversizedArchiveError,
    unpack_community_archive,
)
from loaders.community_folder import read_community_folder
from loaders.faults import Fault, MissingInputError
from loaders.records import CommunityYear
from models.values.errors import ErrorCode
from tests.support.community_folders import assert_same_community

PROPERTIES = "community.json"


def pack(path: Path, *entries: str | zipfile.ZipInfo, content: bytes = b"{}") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for entry in entries:
            zipped.writestr(entry, b"" if str(entry).endswith("/") else content)
    return path


@pytest.mark.parametrize("top", ["", "my community/"])
def test_a_packed_folder_reads_as_itself(
    folder: Path, tmp_path: Path, community: CommunityYear, top: str
) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        if top:
            zipped.mkdir(top)
        for path in folder.iterdir():
            zipped.write(path, f"{top}{path.name}")
    unpacked = unpack_community_archive(archive, tmp_path / "new" / "into")
    assert unpacked == tmp_path / "new" / "into"
    assert_same_community(read_community_folder(unpacked), community)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["../community.json"], "does not lie at the top or in one top folder"),
        (["/community.json"], "does not lie at the top or in one top folder"),
        (["./community.json"], "does not lie at the top or in one top folder"),
        (["a/b/community.json"], "does not lie at the top or in one top folder"),
        (["a\\community.json"], "does not lie at the top or in one top folder"),
        (["../README.txt", PROPERTIES], "does not lie at the top or in one top folder"),
        (["/.DS_Store", PROPERTIES], "does not lie at the top or in one top folder"),
        (["__MACOSX/../x", PROPERTIES], "does not lie at the top or in one top folder"),
        (["../", PROPERTIES], "does not lie at the top or in one top folder"),
        (["a/community.json", "members.csv"], "spreads over several folders"),
        (["passwd"], "holds no file of a community folder"),
        (["Members.csv", "a/"], "holds no file of a community folder"),
        (["__MACOSX/members.csv"], "holds no file of a community folder"),
        ([".git/members.csv"], "holds no file of a community folder"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(
    tmp_path: Path, names: list[str], reason: str
) -> None:
    archive = pack(tmp_path / "a.zip", *names)
    with pytest.raises(FaultyArchiveError) as caught:
        unpack_community_archive(archive, tmp_path / "into")
    assert caught.value.reason == reason
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("top", ["", "my community/"])
def test_what_a_folder_may_hold_beside_its_files_is_ignored(tmp_path: Path, top: str) -> None:
    others = ["README.txt", "Thumbs.db", ".DS_Store", "old/", "old/b/notes.txt", "consumption.xlsx"]
    apple = [f"__MACOSX/{top}._{PROPERTIES}", f"__MACOSX/{top}{PROPERTIES}"]
    names = [*(f"{top}{name}" for name in (PROPERTIES, "members.csv", *others)), *apple]
    unpacked = unpack_community_archive(pack(tmp_path / "a.zip", *names), tmp_path / "into")
    assert {path.name for path in unpacked.iterdir()} == {PROPERTIES, "members.csv"}


def test_the_error_carries_its_fault(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", "../community.json")
    with pytest.raises(FaultyArchiveError) as caught:
        unpack_community_archive(archive, tmp_path / "into")
    reason = "does not lie at the top or in one top folder"
    assert caught.value.faults == (Fault("archive", "'../community.json'", reason),)
    assert str(caught.value) == f"archive, '../community.json': {reason}"
    assert describe_faults(caught.value) == [
        {"file": "archive", "place": "'../community.json'", "reason": reason}
    ]


def test_a_link_that_would_be_ignored_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("README.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(FaultyArchiveError, match="is a link or a device"):
        unpack_community_archive(pack(tmp_path / "a.zip", PROPERTIES, link), tmp_path / "into")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", PROPERTIES, PROPERTIES)
    with pytest.raises(FaultyArchiveError, match="stands twice"):
        unpack_community_archive(archive, tmp_path / "into")


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo(PROPERTIES)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(FaultyArchiveError, match="is a link or a device"):
        unpack_community_archive(pack(tmp_path / "a.zip", link), tmp_path / "into")


def test_encrypted_and_otherwise_packed_entries_are_refused(tmp_path: Path) -> None:
    packed = zipfile.ZipInfo(PROPERTIES)
    packed.compress_type = zipfile.ZIP_LZMA
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr(packed, b"{}")
    with pytest.raises(FaultyArchiveError, match="another method than deflate"):
        unpack_community_archive(archive, tmp_path / "into")
    data = bytearray(pack(archive, PROPERTIES).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(FaultyArchiveError, match="is encrypted"):
        unpack_community_archive(archive, tmp_path / "into")


def test_too_many_entries_and_bytes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(community_archive, "MOST_ENTRIES", 2)
    monkeypatch.setattr(community_archive, "MOST_BYTES", 999)
    three = pack(tmp_path / "a.zip", PROPERTIES, "members.csv", "prices.csv")
    with pytest.raises(OversizedArchiveError, match="holds 3 entries, more than 2") as caught:
        unpack_community_archive(three, tmp_path / "into")
    assert caught.value.code is ErrorCode.TOO_LARGE
    large = pack(tmp_path / "b.zip", PROPERTIES, "members.csv", content=b"0" * 500)
    with pytest.raises(OversizedArchiveError, match="unpacks to more than 999 bytes"):
        unpack_community_archive(large, tmp_path / "into")
    assert [path.name for path in (tmp_path / "into").iterdir()] == [PROPERTIES]


def test_damage_is_a_typed_error(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", PROPERTIES, content=b"0123456789" * 20)
    sound = archive.read_bytes()
    for position in range(len(sound)):
        archive.write_bytes(sound[:position])
        with pytest.raises(FaultyArchiveError, match="is no sound zip file"):
            unpack_community_archive(archive, tmp_path / "into")
    archive.write_bytes(sound[:50] + b"\xff" + sound[51:])
    with pytest.raises(FaultyArchiveError, match="is no sound zip file"):
        unpack_community_archive(archive, tmp_path / "into")


def test_a_missing_archive_is_a_wrong_argument(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError):
        unpack_community_archive(tmp_path / "none.zip", tmp_path)
