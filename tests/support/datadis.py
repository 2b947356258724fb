"""Datadis as the tests play it: its addresses, its tokens, and what it says of one supply point."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.remote_services import RemoteService, Reply

LOGIN = "/nikola-auth/tokens/login"
API = "/api-private/api/"

SUPPLIES = [
    {
        "address": "CALLE MAYOR 1",
        "cups": "ES0021000000000001RK0F",
        "postalCode": "46001",
        "province": "Valencia",
        "municipality": "Valencia",
        "distributor": "I-DE",
        "validDateFrom": "2024/01/01",
        "validDateTo": "",
        "pointType": 5,
        "distributorCode": "8",
    }
]
CURVE = [
    {
        "cups": "ES0021000000000001RK0F",
        "date": "2026/03/01",
        "time": "01:00",
        "consumptionKWh": 0.321,
        "obtainMethod": "Real",
        "surplusEnergyKWh": 0.0,
        "generationEnergyKWh": 0.0,
        "selfConsumptionEnergyKWh": 0.0,
    }
]


def make_token(name: str, **claims: Any) -> str:
    """Make a JSON web token that says what it is given."""
    parts = ({"alg": "RS256"}, {"sub": name} | claims, {"signed": name})
    written = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join(part.rstrip("=") for part in written)


def let_log_in(remote: RemoteService, *tokens: str) -> None:
    """Give out tokens, one a login."""
    remote.answer(LOGIN, *(Reply(token.encode()) for token in tokens))


@dataclass(slots=True)
class QueriesInMemory:
    """A ledger that lasts as long as a test."""

    asked: dict[str, datetime] = field(default_factory=dict)

    def last_asked(self, key: str) -> datetime | None:
        """Tell when a query was answered."""
        return self.asked.get(key)

    def note(self, key: str, at: datetime) -> None:
        """Remember it."""
        self.asked[key] = at
