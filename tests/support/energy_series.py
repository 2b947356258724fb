"""Years of energy, savings and CO2 as their use cases tell them, one subject at a time."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, select

from api.services.energy.energy_question import EnergyQuestion, Measure
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_energy import EnergySeries, read_energy
from api.services.energy.read_month_series import (
    Benefit,
    MonthSeries,
    SeriesQuestion,
    read_month_series,
)
from models.session import read_session
from models.tables import Promoter
from models.values.errors import CommunityError
from models.values.resolution import Resolution

YEAR = 2023


def read_months(
    engine: Engine,
    kind: SubjectKind,
    key: UUID,
    quantity: Measure | Benefit = Benefit.SAVINGS,
    resolution: Resolution = Resolution.MONTH,
    *,
    fewest: int = 1,
    asking: Collection[UUID] = (),
) -> MonthSeries | CommunityError:
    """Read a year month by month, or why there is none."""
    with read_session(engine) as session:
        return read_month_series(
            session,
            promoter_id=_only_promoter(session),
            kind=kind,
            ids=[key],
            question=SeriesQuestion(quantity, YEAR, resolution, fewest, frozenset(asking)),
        )[key]


def read_year(
    engine: Engine,
    kind: SubjectKind,
    key: UUID,
    measure: Measure,
    resolution: Resolution = Resolution.MONTH,
    *,
    year: int = YEAR,
    proposal_id: UUID | None = None,
    agreement_id: UUID | None = None,
    fewest: int = 1,
) -> EnergySeries | CommunityError:
    """Read a whole year of energy, or why there is none."""
    question = EnergyQuestion(measure, year, resolution, proposal_id, agreement_id, fewest)
    with read_session(engine) as session:
        return read_energy(
            session,
            promoter_id=_only_promoter(session),
            kind=kind,
            ids=[key],
            question=question,
        )[key]


def told(series: MonthSeries) -> list[int | None]:
    """List a series' amounts, None where they are not known [1e-9 kWh, EUR or kg]."""
    pairs = zip(series.amounts.nano.tolist(), series.amounts.is_known.tolist(), strict=True)
    return [nano if is_known else None for nano, is_known in pairs]


def _only_promoter(session: Session) -> UUID:
    return session.exec(select(Promoter.id)).one()
