"""Stored homes whose bills were made by hand (tests/golden/test_retail_bills.py), and questions."""

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Engine

from api.services.bills.bill_question import BillQuestion
from api.services.bills.contract_document import ContractsDocument, parse_contracts
from api.services.bills.segment_terms import LawChoice
from api.services.bills.simulate_bills import simulate_bills
from api.services.bills.simulated_bills import SimulatedBills
from models.repositories.prices import add_price_month
from models.repositories.readings import month_instants
from models.session import read_session, write_session
from models.tables import PriceKind, SupplyPoint
from models.values.calendar import Step, local_times, month_starts, year_steps
from models.values.errors import CommunityError
from tests.support.agreements import MADRID, NOW, agree, apply, store_meters
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity

MARCH_2026 = (date(2026, 3, 1), date(2026, 4, 1))

HOME = {
    "name": "home",
    "power": {"eur_per_kw": ["27.704413", "0.725423"]},
    "energy": {"eur_per_kwh": ["0.20", "0.15", "0.10"]},
    "surplus": {"eur_per_kwh": "0.05"},
}
"""The contract of the golden home, as a document says it."""


def contracts_of(*contracts: dict[str, Any]) -> ContractsDocument:
    """Check contracts."""
    return parse_contracts({"contract": list(contracts)})


def ask(
    *,
    days: tuple[date, date] = MARCH_2026,
    law_year: int | None = None,
    contracts: ContractsDocument | None = None,
    **changed: Any,
) -> BillQuestion:
    """Ask for the bills of days, by default of March 2026 under the contract of the home."""
    choice = LawChoice(frozenset(changed.pop("assumed", ())), law_year)
    document = contracts_of(HOME) if contracts is None else contracts
    return BillQuestion(*days, document, choice, **changed)


def simulate(
    engine: Engine, stored: StoredCommunity, question: BillQuestion
) -> list[SimulatedBills | CommunityError]:
    """Simulate everybody's bills, in the order of the list."""
    with read_session(engine) as session:
        ids = [point.id for point in stored.points]
        owner = stored.community.promoter_id
        found = simulate_bills(session, promoter_id=owner, ids=ids, question=question)
    return [found[key] for key in ids]


def store_homes(
    engine: Engine,
    stored: StoredCommunity,
    *,
    year: int = 2026,
    noon_wh: int = 2_500,
    n_months: int = 12,
    step: Step = Step.HOUR,
) -> None:
    """Store homes that draw 0.5 kW at all hours, and a plant that works from 12 to 13."""
    local = local_times(year, MADRID, step)
    hour = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    generation = np.where(hour == 12, noon_wh // step.per_hour, 0).astype(np.int32)
    consumption = np.full((len(stored.points), hour.size), 500 // step.per_hour, np.int32)
    store_meters(engine, stored, generation, consumption, year=year, n_months=n_months, step=step)


def store_prices(
    engine: Engine,
    stored: StoredCommunity,
    kind: PriceKind,
    eur_per_kwh: np.ndarray,
    *,
    year: int = 2026,
    step: Step = Step.HOUR,
) -> None:
    """Store a year of prices, shape (n_steps,)."""
    starts = [*month_starts(year, MADRID, step).tolist(), year_steps(year, MADRID, step).size]
    nano_eur = np.rint(eur_per_kwh * 1e9).astype(np.int64)
    with write_session(engine) as session:
        for number, begin in enumerate(month_instants(year, MADRID)[:-1]):
            add_price_month(
                session,
                promoter_id=stored.community.promoter_id,
                community_id=stored.community.id,
                kind=kind,
                starts_at=begin,
                step=step,
                nano_eur=nano_eur[starts[number] : starts[number + 1]],
                version=1,
                recorded_at=NOW,
            )


def lines_of(bills: SimulatedBills, *, sharing: bool = True) -> list[tuple[str, int | None, str]]:
    """List the lines of the first bill as kind, tariff period and amount."""
    lines = bills.list_lines(0, sharing=sharing)
    return [(str(line.kind), line.tariff_period, str(line.amount_eur)) for line in lines]


@stored_once
def homes(engine: Engine, shared: StoredCommunity) -> StoredCommunity:
    """Store three homes of 2026; the first one has the whole plant."""
    store_homes(engine, shared)
    apply(engine, shared, agree(engine, shared, 1_000_000, 0, 0), date(2026, 1, 1))
    return shared


def change_point(engine: Engine, stored: StoredCommunity, place: int, **values: object) -> None:
    """Change what is stored of a supply point."""
    with write_session(engine) as session:
        point = session.get_one(SupplyPoint, stored.points[place].id)
        for name, value in values.items():
            setattr(point, name, value)
