import os
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.atomic_files import UnwritableFileError, make_folder
from loaders.community_folder import read_community_folder
from loaders.distributor_file_check import validate_distributor_file
from loaders.faults import FaultyInputError, MissingInputError
from loaders.members_list import read_members_cups


@pytest.mark.parametrize(
    "read", [read_community_folder, validate_distributor_file, read_members_cups]
)
@pytest.mark.parametrize(
    "name",
    ["a" * 300, "a/" * 3_000, "caf\udce9", "a\0b", "none"],
    ids=["long name", "long path", "undecodable", "NUL", "missing"],
)
def test_a_path_that_cannot_be_is_missing(
    tmp_path: Path, read: Callable[[Path], object], name: str
) -> None:
    with pytest.raises(MissingInputError) as caught:
        read(tmp_path / name)
    assert caught.value.path == tmp_path / name
    str(caught.value).encode()


def test_undecodable_names_are_escaped_in_every_message(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    with pytest.raises(MissingInputError, match=r"caf\\udce9\.csv; check the path"):
        read_members_cups(tmp_path / name)
    (tmp_path / name).write_text("x")
    with pytest.raises(FaultyInputError, match=r"caf\\udce9\.csv, line 1: column member_id"):
        read_members_cups(tmp_path / name)
    with pytest.raises(UnwritableFileError, match=r"caf\\udce9\.csv: "):
        make_folder(tmp_path / name)
