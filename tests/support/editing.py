"""Edits of small text files."""

from pathlib import Path


def replace_once(path: Path, old: str, new: str) -> None:
    """Replace a text that must stand exactly once in a file."""
    data = path.read_bytes()
    assert data.count(old.encode()) == 1, f"{old!r} stands {data.count(old.encode())} times"
    path.write_bytes(data.replace(old.encode(), new.encode()))


def replace_line(path: Path, number: int, text: str | None) -> None:
    """Replace the line of a number, from 1; None takes it away."""
    lines = path.read_bytes().split(b"\r\n")
    lines[number - 1 : number] = [] if text is None else [text.encode()]
    path.write_bytes(b"\r\n".join(lines))


def replace_cell(path: Path, number: int, column: int, text: str) -> None:
    """Replace one cell of a CSV file without quotes."""
    cells = path.read_bytes().split(b"\r\n")[number - 1].decode().split(",")
    cells[column] = text
    replace_line(path, number, ",".join(cells))
