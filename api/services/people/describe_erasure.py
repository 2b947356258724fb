"""Describe erasures, those to come and those that were, as values of JSON."""

from typing import Any

from api.services.people.find_person import name_erased_member
from api.services.people.preview_erasure import ErasurePreview
from models.tables import Erasure


def describe_preview(preview: ErasurePreview) -> dict[str, Any]:
    """Describe what an erasure would do.

    Parameters
    ----------
    preview : ErasurePreview
        The preview.

    Returns
    -------
    dict of str to Any
        ``code``, ``file_count``, ``tables`` and ``hindrances``.
    """
    return {
        "code": preview.code,
        "file_count": preview.file_count,
        "tables": [
            {
                "name": each.name,
                "fate": each.fate.value,
                "count": each.count,
                "law": each.law,
                "until": None if each.until is None else each.until.isoformat(),
            }
            for each in preview.tables
        ],
        "hindrances": [
            {"code": each.code.value, "message": str(each)} for each in preview.hindrances
        ],
    }


def describe_erasure(erasure: Erasure) -> dict[str, Any]:
    """Describe an erasure, by ids and counts alone.

    Parameters
    ----------
    erasure : Erasure
        The row.

    Returns
    -------
    dict of str to Any
        ``code`` that the member bears now, instants, and ``counts`` of rows by fate and table.
    """
    instants = {
        name: None if at is None else at.isoformat()
        for name, at in (("erased_at", erasure.erased_at), ("cleared_at", erasure.cleared_at))
    }
    return {
        "id": str(erasure.id),
        "code": name_erased_member(erasure.member_id),
        **instants,
        "counts": erasure.counts,
    }
