"""What a report says of members whose year is partly or wholly a profile, in its language."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from models.values.language import Language
from planner.profiles import Completion


def name_profile(completion: Completion, language: Language) -> str | None:
    """Say what fills the part of a member's year that was not measured.

    Parameters
    ----------
    completion : Completion
        What was known of the member.
    language : Language
        Language of the text, one TOML file each beside this one.

    Returns
    -------
    str or None
        None where all was measured.

    Examples
    --------
    >>> from planner.profiles import Scale
    >>> half = Completion(0.5, "mean of 2 members of 2.0TD", Scale.MEASURED, 2, ("2.0TD",))
    >>> name_profile(half, Language.SPANISH)
    'media de 2 participantes de 2.0TD, ajustada a la energía medida'
    """
    if completion.profile is None or completion.scale is None:
        return None
    texts = _read_texts(language)
    kind = {0: "standard", 1: "one"}.get(completion.n_members, "several")
    return str(texts["profiles"][kind]).format(
        label=completion.profile,
        count=completion.n_members,
        classes=texts["and"].join(completion.classes),
        scale=texts["scales"][completion.scale.name.lower()],
    )


def note_completions(
    completions: Sequence[Completion], language: Language
) -> list[tuple[str, str]]:
    """Write the note on members whose year is partly or wholly a profile.

    Parameters
    ----------
    completions : sequence of Completion, length n_members
        What was known of each member.
    language : Language
        Language of the note.

    Returns
    -------
    list of tuple of str
        Topic and text; empty where all was measured.
    """
    count = sum(completion.profile is not None for completion in completions)
    if not count:
        return []
    note = _read_texts(language)["note"]
    return [(note["topic"], note["text"].format(count=count, members=len(completions)))]


@cache
def _read_texts(language: Language) -> dict[str, Any]:
    """Read a language's texts."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
