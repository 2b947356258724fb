"""Run the command line in this process, as a shell would see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import structlog

from models.values.language import Language
from scripts.cli import main
from scripts.help_texts import frame_help
from scripts.texts import speak


@dataclass(frozen=True, slots=True)
class Run:
    """What a command left behind: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Reparto = Callable[..., Run]


@pytest.fixture
def reparto(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reparto]:
    """Give a function that runs one command."""

    def run(*arguments: object) -> Run:
        monkeypatch.setattr("sys.argv", ["reparto", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        code = left.value.code
        return Run(code if isinstance(code, int) else 1, captured.out, captured.err)

    yield run
    # A command says how its process logs and speaks; the next test is another process's.
    structlog.reset_defaults()
    speak(Language.ENGLISH)
    frame_help(Language.ENGLISH)
