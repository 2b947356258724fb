"""Files that were made of agreements, kept as they were handed out."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, func, select

from models.tables.agreements import GeneratedFile, GeneratedKind


class GeneratedFileHead(NamedTuple):
    """What is known of a file without its content, which may be tens of megabytes."""

    id: UUID
    agreement_id: UUID
    kind: GeneratedKind
    variant: str
    file_name: str
    sha256: str
    size_bytes: int
    created_at: datetime


def get_generated_file(
    session: Session, *, promoter_id: UUID, file_id: UUID
) -> GeneratedFile | None:
    """Read one file, content and all."""
    rows = select(GeneratedFile).where(
        GeneratedFile.promoter_id == promoter_id, GeneratedFile.id == file_id
    )
    return session.exec(rows).one_or_none()


def find_generated_file(session: Session, like: GeneratedFile) -> GeneratedFile | None:
    """Find the file of an agreement that is the same as another, down to the last byte."""
    rows = select(GeneratedFile).where(
        GeneratedFile.promoter_id == like.promoter_id,
        GeneratedFile.agreement_id == like.agreement_id,
        GeneratedFile.kind == like.kind,
        GeneratedFile.variant == like.variant,
        GeneratedFile.sha256 == like.sha256,
    )
    return session.exec(rows).one_or_none()


def group_generated_files(
    session: Session, *, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, list[GeneratedFileHead]]:
    """Read what is known of the files of many agreements, newest first."""
    file = GeneratedFile
    rows = (
        select(  # type: ignore[call-overload]
            file.id,
            file.agreement_id,
            file.kind,
            file.variant,
            file.file_name,
            file.sha256,
            func.length(file.content),
            file.created_at,
        )
        .where(file.promoter_id == promoter_id, col(file.agreement_id).in_(agreement_ids))
        .order_by(col(file.created_at).desc(), col(file.kind), col(file.id))
    )
    groups: dict[UUID, list[GeneratedFileHead]] = {key: [] for key in agreement_ids}
    for row in session.exec(rows):
        head = GeneratedFileHead(*row)
        groups[head.agreement_id].append(head)
    return groups
