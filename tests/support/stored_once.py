"""Stored states that tests begin with: built once by each process, and copied for every test.

A fixture that only stores something is marked ``stored_once`` in place of ``pytest.fixture``. The
database of a test then holds from the start what all such fixtures of the test store: by ``engine``
in the database of that fixture, by ``api`` in the one that it serves.
"""

import io
import pickle
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import pytest

Builder = Callable[..., Any]
"""Stores something by a tool and by what other builders gave, and tells what tests must know."""

Tools = Mapping[str, Any]
"""What reaches a database, by the names of fixtures: ``engine``, or ``api`` and its engine."""

_recalled_key = pytest.StashKey[dict[str, Any]]()


@dataclass(frozen=True, slots=True)
class StoredState:
    """A database that is copied and never opened, its files, and what its builders gave."""

    url: str
    data_dir: Path | None = None
    given: bytes = pickle.dumps({})

    def copy_files(self, folder: Path) -> None:
        """Copy the files to where an application finds them that has this folder."""
        if self.data_dir is not None and self.data_dir.exists():
            shutil.copytree(self.data_dir, folder / "data")

    def recall(self, tools: Tools) -> dict[str, Any]:
        """Give what the builders gave, by their names, anew and with the tools of a copy."""
        given: dict[str, Any] = _Unpickler(io.BytesIO(self.given), tools).load()
        return given

    def build(self, builder: Builder, tools: Tools) -> bytes:
        """Store something more by the tools of a copy, and give what its state has to hold."""
        given = self.recall(tools)
        known = given | tools
        asked = {name: known[name] for name in signature(builder).parameters}
        content = io.BytesIO()
        _Pickler(content, tools).dump(given | {builder.__name__: builder(**asked)})
        return content.getvalue()


class _Pickler(pickle.Pickler):
    """Leaves tools out: each copy has its own."""

    def __init__(self, content: io.BytesIO, tools: Tools) -> None:
        super().__init__(content, pickle.HIGHEST_PROTOCOL)
        self._names = {id(tool): name for name, tool in tools.items()}

    def persistent_id(self, value: object) -> str | None:
        return self._names.get(id(value))


class _Unpickler(pickle.Unpickler):
    """Puts the tools of a copy in their place."""

    def __init__(self, content: io.BytesIO, tools: Tools) -> None:
        super().__init__(content)
        self._tools = tools

    def persistent_load(self, name: str) -> Any:
        return self._tools[name]


def stored_once(build: Builder) -> Any:
    """Make a fixture of a function that stores something.

    It takes one tool or what is stored once by that tool, nothing else, and gives what can be
    pickled: every test has it as new.
    """

    def give(request: pytest.FixtureRequest, **_: Any) -> Any:
        return request.node.stash[_recalled_key][build.__name__]

    asked = signature(build)
    first = Parameter("request", Parameter.POSITIONAL_OR_KEYWORD)
    give.__signature__ = asked.replace(parameters=[first, *asked.parameters.values()])
    give.__doc__ = build.__doc__
    give.builder = build
    return pytest.fixture(give, name=build.__name__)


def find_builders(request: pytest.FixtureRequest, tool: str) -> tuple[Builder, ...]:
    """Give the builders of a test's fixtures by a tool, each after those on which it stands."""
    definitions = request.node._fixtureinfo.name2fixturedefs
    found: dict[str, Builder] = {}

    def visit(name: str) -> None:
        known = definitions.get(name)
        builder = known and getattr(known[-1].func, "builder", None)
        asked = set(signature(builder).parameters) if builder else set()
        for other in sorted(asked - found.keys()):
            visit(other)
        if asked & {tool, *found}:
            found.setdefault(name, builder)

    for name in request.fixturenames:
        visit(name)
    return tuple(found.values())


def recall_for(request: pytest.FixtureRequest, state: StoredState, tools: Tools) -> None:
    """Let the fixtures of a test give what stands in its copy of a state."""
    request.node.stash.setdefault(_recalled_key, {}).update(state.recall(tools))
