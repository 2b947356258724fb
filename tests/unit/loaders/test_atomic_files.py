from pathlib import Path

import pytest

from loaders.atomic_files import UnwritableFileError, make_folder, replace_file


def test_the_name_appears_only_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replace_file(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="closed"), replace_file(path) as file:
        file.close()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_a_typed_error(tmp_path: Path) -> None:
    path = tmp_path / "none" / "a.txt"
    with pytest.raises(UnwritableFileError) as caught, replace_file(path):
        pass
    assert caught.value.path == path
    assert caught.value.reason == "No such file or directory"


def test_a_folder_in_the_way_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt" / "inside").mkdir(parents=True)
    with pytest.raises(UnwritableFileError), replace_file(tmp_path / "a.txt") as file:
        file.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_make_folder_makes_parents_and_keeps_what_is_there(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "c").touch()
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "c").exists()
    with pytest.raises(UnwritableFileError, match="File exists"):
        make_folder(tmp_path / "a" / "b" / "c")
