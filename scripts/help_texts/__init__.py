"""The help of commands in other languages, told by its English, which stands in the code."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from typing import Any

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from models.texts.phrases import translate
from models.values.language import Language
from scripts.texts import say, spoken

HELP_NAMES = ["-h", "--help"]
_PARAGRAPH = "\n\n"
FRAME = {
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commands",
    "ERRORS_PANEL_TITLE": "Error",
    "REQUIRED_LONG_STRING": "[required]",
    "DEFAULT_STRING": "[default: {}]",
    "ENVVAR_STRING": "[env var: {}]",
    "RICH_HELP": "Try [blue]'{command_path} {help_option}'[/] for help.",
}
"""Typer's own words around the help of ours, by the constants that hold them."""


class SpokenContext(typer.Context):
    """Begins the line of usage in the language that is spoken."""

    def make_formatter(self) -> Any:
        """Make what writes that line."""
        formatter = super().make_formatter()
        prefix = f"{say('console.usage')} "
        vars(formatter)["write_usage"] = partial(formatter.write_usage, prefix=prefix)
        return formatter


@contextmanager
def spoken_refusals() -> Iterator[None]:
    """Let what is wrong with a command be said in the language that is spoken."""
    try:
        yield
    except UsageError as error:
        if spoken() is Language.ENGLISH or isinstance(error, NoArgsIsHelpError):
            raise
        frame_help(spoken())
        raise UsageError(_say_refusal(error.format_message()), ctx=error.ctx) from error


def _say_refusal(english: str) -> str:
    head, colon, reason = english.partition(": ")
    if not colon or not head.startswith("Invalid value"):
        return translate(english, spoken())
    return f"{translate(head, spoken())}: {translate(reason, spoken())}"


def translate_help(command: Any) -> None:
    """Let a command and those below it be explained in the language that is spoken."""
    language = spoken()
    if language is Language.ENGLISH:
        return
    frame_help(language)
    for each in _walk(command):
        each.context_class = SpokenContext
        each.help = say_help(each.help, language)
        for explained in _list_explained(each):
            explained.help = say_help(explained.help, language)


def frame_help(language: Language) -> None:
    """Let Typer name parts of its pages in a language."""
    # Only pages of help need it, and it loads much.
    pages = import_module("typer.rich_utils")
    for constant, english in FRAME.items():
        setattr(pages, constant, say_help(english, language))


def say_help(english: str | None, language: Language) -> str | None:
    """Say a text of help, paragraph by paragraph; it stays as it is where no words are known."""
    if not english or language is Language.ENGLISH:
        return english
    known = read_help(language)
    paragraphs = split_paragraphs(english)
    return _PARAGRAPH.join(known.get(each, each) for each in paragraphs)


def list_help(command: Any) -> Iterator[str]:
    """List every paragraph by which a command and those below it are explained."""
    for each in _walk(command):
        for explained in (each, *_list_explained(each)):
            yield from split_paragraphs(explained.help or "")


def split_paragraphs(text: str) -> list[str]:
    """Part a text at empty lines, whatever its line breaks."""
    paragraphs = (" ".join(each.split()) for each in text.split(_PARAGRAPH))
    return [each for each in paragraphs if each]


@cache
def read_help(language: Language) -> dict[str, str]:
    """Read what a language has words for, by the English paragraph; not to be changed."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def _walk(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _walk(each)


def _list_explained(command: Any) -> list[Any]:
    """List the arguments and options of a command that have a help, that of help among them."""
    asked = command.get_help_option(typer.Context(command, help_option_names=HELP_NAMES))
    return [each for each in (*command.params, asked) if getattr(each, "help", None)]
