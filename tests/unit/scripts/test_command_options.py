"""What every command takes: help by two names in three languages, a promoter by one setting."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from models.values.errors import ConflictError, UnavailableError, UnsetSettingError
from models.values.language import Language
from scripts.cli import app, exit_code_of
from scripts.help_texts import FRAME, list_help, read_help

ROOT: Any = typer.main.get_command(app)


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every command below another, with the words that call it."""
    with typer.Context(command) as context:
        names = command.list_commands(context) if hasattr(command, "list_commands") else []
        children = [(name, command.get_command(context, name)) for name in names]
    if not children:
        yield path, command
    for name, child in children:
        yield from walk(child, (*path, name))


COMMANDS = dict(walk(ROOT))


def test_a_promoter_is_named_by_one_setting_wherever_one_may_be_left_out() -> None:
    without = {
        path
        for path, command in COMMANDS.items()
        for option in command.params
        if option.name == "promoter" and option.envvar != "REPARTO_PROMOTER"
    }
    assert without == {("user", "create")}


@pytest.mark.parametrize("language", [Language.SPANISH, Language.CATALAN])
def test_every_help_has_words_in_every_language(language) -> None:
    with typer.Context(ROOT) as context:
        tops = [ROOT.get_command(context, name) for name in ROOT.list_commands(context)]
    english = {text for top in (ROOT, *tops) for text in list_help(top)} | set(FRAME.values())
    assert set(read_help(language)) == english


def test_help_is_in_the_language_of_option_and_setting(reparto, monkeypatch) -> None:
    catalan = reparto("--language", "ca", "collection", "pay", "--help").out
    assert "Com es va pagar." in catalan
    assert "[obligatori]" in catalan
    monkeypatch.setenv("REPARTO_LANGUAGE", "es")
    assert "Cobra lo que los participantes deben a la comunidad." in reparto("--help").out
    assert "Muestra esta ayuda y acaba." in reparto("collection", "open", "-h").out
    monkeypatch.setenv("REPARTO_LANGUAGE", "xx")
    assert reparto("collection", "open").code == 2


@pytest.mark.parametrize("name", ["-h", "--help"])
def test_help_has_two_names(reparto, name) -> None:
    done = reparto("invoices", "rectify", name)
    assert done.code == 0
    assert "recipient-address" in done.out


@pytest.mark.parametrize(
    ("error", "code"), [(UnsetSettingError, 2), (ConflictError, 2), (UnavailableError, 5)]
)
def test_a_missing_setting_is_for_the_caller_to_make(error, code) -> None:
    assert exit_code_of(error("x")) == code
