"""What the fields have in common that tell where a file is."""

from typing import Annotated

import strawberry

from api.graphql.enums import describe
from api.services.accounting.accounts_wish import CsvDialect
from models.values.language import Language

LINK = (
    " The address opens it without a token until the instant that it names as `expires`; without "
    "its query it opens with a token only."
)
"""What every address says of itself."""

describe(
    CsvDialect,
    "Who reads a table.",
    PLAIN="Programs: commas, decimal points, keys and codes as they are.",
    EXCEL_ES="Spanish Excel: semicolons, decimal commas, headings and words.",
)

FileYear = Annotated[
    int | None,
    strawberry.argument(description="Year in its name; the one that it is made for by default."),
]
FileLanguage = Annotated[
    Language | None,
    strawberry.argument(description="Of what people read; that of the settings by default."),
]
FileDialect = Annotated[CsvDialect, strawberry.argument(description="Who reads it.")]
