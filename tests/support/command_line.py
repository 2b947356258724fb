"""Run the command line in this process, as a shell would see it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from scripts.cli import main


@dataclass(frozen=True, slots=True)
class Run:
    """What a command left behind: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Reparto = Callable[..., Run]


@pytest.fixture
def reparto(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Reparto:
    """Give a function that runs one command."""

    def run(*arguments: object) -> Run:
        monkeypatch.setattr("sys.argv", ["reparto", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        code = left.value.code
        return Run(code if isinstance(code, int) else 1, captured.out, captured.err)

    return run
