"""What a user may do, by an option that offers no role but those that can be had there."""

from collections.abc import Collection
from typing import Any

import typer

from models.values.access import Role


def offer_roles(roles: Collection[Role]) -> Any:
    """Make an option of some roles."""
    named = [role for role in Role if role in roles]

    def parse(text: str) -> Role:
        if text not in named:
            raise typer.BadParameter(f"{text!r} is not one of {', '.join(named)}")
        return Role(text)

    return typer.Option(parser=parse, metavar="|".join(named), help="What the user may do.")
