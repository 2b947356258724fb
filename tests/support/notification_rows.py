"""A sound notification, and what breaks each of its constraints and nothing else."""

from uuid import uuid4

from tests.support.row_keys import IDS, NOW, TENANT

NOTIFICATION_ROWS: dict[str, dict[str, object]] = {
    "notification": TENANT
    | {
        "id": uuid4().hex,
        "position": 1,
        "kind": "job_failed",
        "subject_id": IDS["job"],
        "noted_at": NOW,
    },
}

NOTIFICATION_CHECKS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ck_notification_counted_position": [("notification", {"position": 0})],
    "ck_notification_notificationkind": [("notification", {"kind": "gossip"})],
}

NOTIFICATION_UNIQUES: list[tuple[str, str, dict[str, object]]] = [
    ("notification", "position", {"id": uuid4().hex}),
]
