"""Files that were made of agreements, and the ways to write one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.download_links import LINK
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.services.agreements.file_profiles import list_file_profiles
from models.tables import GeneratedKind
from models.values.certainty import Certainty


@strawberry.type(description="A file as it was handed out; it is kept for good.")
class GeneratedFile:
    """Shows a file without its content."""

    id: strawberry.Private[UUID]

    kind: GeneratedKind = strawberry.field(description="What it is.")
    variant: str = strawberry.field(
        description="Profile of a distributor's file, language of a document."
    )
    file_name: str = strawberry.field(description="Name under which it is sent.")
    sha256: str = strawberry.field(description="SHA-256 of its content, in hexadecimal digits.")
    size_bytes: int = strawberry.field(description="Size of its content [B].")
    created_at: datetime = strawberry.field(description="When it was first made.")

    @strawberry.field(description=f"Relative address.{LINK}")
    def download(self, info: Info) -> str:
        """Give the address."""
        return info.context.sign_link(f"/files/{self.id}")


@strawberry.type(description="A way to write a distributor's file where the law leaves it open.")
class FileProfile:
    """Shows a profile."""

    name: str = strawberry.field(description="What it is called.")
    source: str = strawberry.field(description="Who writes files so, and what is not known of it.")
    certainty: Certainty = strawberry.field(description="How this is known.")


@strawberry.type
class FileQueries:
    """Ways to what is known of files."""

    @strawberry.field(description="Ways to write a distributor's file, the recommended one first.")
    def file_profiles(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FileProfile]:
        """Page through them."""
        profiles: list[Any] = list_file_profiles()
        page: Connection[FileProfile] = info.context.loaders.cut(profiles, first, after)
        return page
