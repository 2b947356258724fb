"""The project's own source, for tests of its shape."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "planner", "models", "loaders", "scripts")
GENERATED = ROOT / "models" / "migrations" / "versions"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class SourceFunction:
    """A function or method and where it stands."""

    path: Path
    name: str
    node: Function
    owner: ast.ClassDef | None

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.node.lineno} {self.name}"

    @property
    def n_lines(self) -> int:
        """Lines from ``def`` to the last one, without the docstring."""
        total = (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1
        if ast.get_docstring(self.node) is None:
            return total
        docstring = self.node.body[0]
        return total - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def is_ignored(name: str) -> bool:
    """Tell whether ``.gitignore`` leaves out a name of the top level."""
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return any(fnmatch(name, pattern.strip("/")) for pattern in patterns)


def python_files(*folders: str) -> list[Path]:
    """List the written (not generated) modules below the folders, in order."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if GENERATED not in path.parents
    )


@cache
def parse(path: Path) -> ast.Module:
    """Read a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(*folders: str) -> list[SourceFunction]:
    """List every function and method below the folders."""
    return [found for path in python_files(*folders) for found in _walk(path, parse(path), None)]


def _walk(path: Path, node: ast.AST, owner: ast.ClassDef | None) -> Iterator[SourceFunction]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            name = f"{owner.name}.{child.name}" if owner else child.name
            yield SourceFunction(path, name, child, owner)
            yield from _walk(path, child, None)
        else:
            yield from _walk(path, child, child if isinstance(child, ast.ClassDef) else owner)
