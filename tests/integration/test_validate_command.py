"""``reparto validate`` as people and programs read it."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year, make_cups, write_folder

CAU = "ES0021000000000001RK0FA000"


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    file = tmp_path / f"{CAU}_2026.txt"
    file.write_bytes("".join(f"{make_cups(n)};0,{500_000:06d}\r\n" for n in (1, 2)).encode("ascii"))
    return file


def test_a_sound_file_has_no_faults(reparto: Reparto, sound: Path) -> None:
    people, programs = reparto("validate", sound), reparto("validate", sound, "--json")

    assert (people.code, people.out) == (0, f"{sound.name}: no faults\n")
    assert (programs.code, programs.out) == (0, "[]\n")


def test_faults_are_listed_with_line_and_code(reparto: Reparto, sound: Path) -> None:
    sound.write_bytes(sound.read_bytes().replace(b"0,500000", b"0.500000", 1))
    people, programs = reparto("validate", sound), reparto("validate", sound, "--json")

    assert (people.code, programs.code) == (3, 3)
    assert people.out.startswith(f"{sound.name}:1: decimal_separator: ")
    (fault,) = json.loads(programs.out)
    assert list(fault) == ["line", "code", "message"]
    assert (fault["line"], fault["code"]) == (1, "decimal_separator")


def test_a_fault_of_the_whole_file_has_no_line(reparto: Reparto, sound: Path) -> None:
    renamed = sound.rename(sound.with_name("coefficients.txt"))
    run = reparto("validate", renamed)

    assert run.code == 3
    assert run.out.startswith("coefficients.txt: name_shape: ")


def test_the_members_list_and_the_cau_are_compared(
    reparto: Reparto, sound: Path, tmp_path: Path
) -> None:
    folder = write_folder(build_community_year(n_members=3), tmp_path / "community")
    other = "ES0021000000000002RE0FA000"
    run = reparto("validate", sound, "--members", folder / "members.csv", "--cau", other, "--json")

    assert run.code == 3
    assert {fault["code"] for fault in json.loads(run.out)} >= {"cau_mismatch", "missing_cups"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--cau", "ES1"], 2, "has 3 characters, not 26"),
        (["--members", "nowhere.csv"], 2, "nowhere.csv"),
    ],
)
def test_wrong_arguments_are_told(
    reparto: Reparto, sound: Path, arguments: list[str], code: int, says: str
) -> None:
    run = reparto("validate", sound, *arguments)

    assert run.code == code
    assert says in " ".join(run.err.replace("│", " ").split())


def test_a_missing_file_is_a_bad_argument(reparto: Reparto, tmp_path: Path) -> None:
    assert reparto("validate", tmp_path / "none.txt").code == 2
