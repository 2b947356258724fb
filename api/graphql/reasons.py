"""Reasons in plain language, in the language of the reader."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry

from api.graphql.context import Info
from api.graphql.pagination import Connection
from api.services.studies.admission_reasons import word_stated_reason
from models.values.language import Language

InLanguage = Annotated[Language, strawberry.argument(description="Language of the sentences.")]


@strawberry.type(description="One reason, for programs and for people.")
class Reason:
    """A code and its sentence."""

    code: str = strawberry.field(description='What it is about, such as "too-far".')
    text: str = strawberry.field(description="A sentence with its figures.")


def list_reasons(
    info: Info,
    stated: Sequence[Mapping[str, Any]],
    language: Language,
    first: int | None,
    after: str | None,
) -> Connection[Reason]:
    """Put stored reasons into sentences, and cut a page out of them."""
    rows = [
        Reason(code=each["code"], text=word_stated_reason(each, language.value)) for each in stated
    ]
    return info.context.loaders.cut(rows, first, after)
