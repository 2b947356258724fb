"""The two ways to name a plant in an input: its global id, or its CAU."""

from typing import Protocol
from uuid import UUID

import strawberry

from api.graphql.node import require_key
from api.services.communities.find_plant import UnknownInstallationError
from models import tables
from models.values.cau import Cau
from models.values.errors import InvalidArgumentError


class InstallationNamedTwiceError(InvalidArgumentError):
    """Neither or both of the two ways to name an installation were used."""

    def __init__(self) -> None:
        super().__init__("give exactly one of installationId and cau")


class NamesPlant(Protocol):
    """An input with both ways."""

    installation_id: strawberry.ID | None
    cau: Cau | None


def read_plant(given: NamesPlant) -> UUID | str:
    """Find the one name of the plant."""
    if (given.installation_id is None) == (given.cau is None):
        raise InstallationNamedTwiceError
    if given.cau is not None:
        return str(given.cau)
    return require_key(
        tables.SelfConsumptionInstallation, str(given.installation_id), UnknownInstallationError
    )
