"""Who shares in which of several installations."""

from dataclasses import replace
from pathlib import Path

import pytest

from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from loaders.faults import FaultLog
from loaders.members_list import read_members_list
from loaders.number_text import excerpt_of
from loaders.records import CommunityYear
from tests.support.community_folders import (
    assert_same_community,
    build_community_year,
    make_cau,
    make_cups,
    write_folder,
)
from tests.support.editing import replace_line
from tests.support.faults import faults_of

ONE, TWO, THREE = make_cau(1), make_cau(2), make_cau(3)
STRANGE = make_cau(4)
LINE = f"M1,member,home,{make_cups(1)},2.0TD,3.45"


@pytest.fixture(scope="module")
def three_plants() -> CommunityYear:
    return build_community_year(n_installations=3)


@pytest.fixture
def folder(three_plants: CommunityYear, tmp_path: Path) -> Path:
    """Write a folder whose list has an empty column of CAUs."""
    folder = write_folder(three_plants, tmp_path / "community")
    path = folder / "members.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = [f"{header},caus", *(f"{line}," for line in lines)]
    path.write_bytes("\r\n".join([*rows, ""]).encode())
    return folder


@pytest.mark.parametrize(
    ("cell", "caus"),
    [
        ("", ()),
        (ONE, (ONE,)),
        (f"{THREE}  {ONE} ", (ONE, THREE)),
        (f"{THREE} {ONE} {TWO}", ()),
    ],
)
def test_installations_of_a_member(folder: Path, cell: str, caus: tuple[str, ...]):
    replace_line(folder / "members.csv", 2, f"{LINE},{cell}")
    read = read_community_folder(folder)
    assert [member.caus for member in read.members] == [caus, (), (), ()]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (STRANGE, f"caus names {STRANGE}, which is no installation of the community"),
        ("ES1", "caus names 'ES1', which has 3 characters, not 26"),
        (
            f"{TWO} {TWO}",
            f"caus is {excerpt_of(f'{TWO} {TWO}')}, which names an installation twice",
        ),
    ],
)
def test_what_names_no_installation(folder: Path, cell: str, reason: str):
    replace_line(folder / "members.csv", 2, f"{LINE},{cell}")
    assert faults_of(folder) == [f"members.csv, line 2: {reason}"]


def test_who_waits_shares_in_none(folder: Path):
    replace_line(folder / "members.csv", 5, f"R1,reserve,home,{make_cups(4)},2.0TD,6.45,{ONE}")
    assert faults_of(folder) == [
        "members.csv, line 5: caus is not empty, but who waits shares in no installation yet"
    ]


def test_without_installations_to_compare_with_they_are_read_as_they_stand(folder: Path):
    replace_line(folder / "members.csv", 2, f"{LINE},{STRANGE} {ONE}")
    log = FaultLog()
    listed = read_members_list(folder / "members.csv", log.of("members.csv"))
    assert log.faults() == ()
    assert listed is not None
    assert listed.members[0].caus == (STRANGE, ONE)


def test_the_column_survives_and_stands_only_where_it_says_something(
    three_plants: CommunityYear, tmp_path: Path
):
    write_community_folder(three_plants, tmp_path)
    assert "caus" not in (tmp_path / "members.csv").read_text()
    first, second, *others = three_plants.members
    members = (replace(first, caus=(ONE, THREE)), replace(second, caus=(TWO,)), *others)
    changed = replace(three_plants, members=members)
    write_community_folder(changed, tmp_path)
    assert_same_community(read_community_folder(tmp_path), changed)
