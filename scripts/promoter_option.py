"""Whose records a command is about: by an option, or by a setting for good."""

from typing import Annotated

import typer

from api.services.accounts.ensure_promoter import DEFAULT_PROMOTER

__all__ = ["DEFAULT_PROMOTER", "Owner", "Promoter"]

_VARIABLE = "REPARTO_PROMOTER"

Owner = Annotated[
    str,
    typer.Option("--promoter", envvar=_VARIABLE, help="Whose records; not needed if one is known."),
]
Promoter = Annotated[
    str,
    typer.Option("--promoter", envvar=_VARIABLE, help="Whose communities; made if need be."),
]
