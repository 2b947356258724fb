"""A sound erasure, and what breaks its constraints and nothing else."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

ERASURE_ROWS: dict[str, dict[str, object]] = {
    "erasure": TENANT
    | {
        "id": uuid4().hex,
        "member_id": IDS["member"],
        "begun_at": NOW,
        "erased_at": NOW,
        "counts": "{}",
        "files": "{}",
    },
}

ERASURE_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_erasure_rows_before_files": [("erasure", {"erased_at": None, "cleared_at": NOW})],
}

ERASURE_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("erasure", "member_id", {"id": uuid4().hex}),
]
