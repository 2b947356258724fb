"""What studies are asked for: the plant, candidates, payment; and what is wrong with that."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

import strawberry
from strawberry import UNSET

from api.clock import now
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, build_user_error, show_error
from api.graphql.jobs import JobRun
from api.graphql.limit_inputs import find_input
from api.graphql.node import read_key
from api.graphql.plant_names import InstallationNamedTwiceError
from api.graphql.scalars import Coefficient, Euro, EuroPerKwh, Share
from api.graphql.studies import StudyObjective
from api.services.bills.contract_document import ContractDocumentError
from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_plant import PlanYearError, UnknownInstallationError
from api.services.proposals.listed_limits import FaultyWishError
from api.services.proposals.retail_question import LawYearError
from api.services.studies.find_waiting import CandidateName, NotWaitingError
from models import tables
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.errors import CommunityError

NO_SHARE = Coefficient(0)
WHOLE = Coefficient(MILLIONTHS)
_NOTHING = Euro(Decimal(0))
_FREE = EuroPerKwh(Decimal(0))


class TieBreak(StrEnum):
    """What settles a tie between candidates."""

    LONGEST_WAIT = "longest-wait"


describe(
    TieBreak,
    "What settles a tie between candidates.",
    LONGEST_WAIT="Who applied first goes first, then the order of the list.",
)


@strawberry.input(description="What every study needs.")
class StudyInput:
    """Fields that all studies have."""

    year: int = strawberry.field(description="Local year of readings to decide by, 2000 to 2099.")
    objective: StudyObjective = strawberry.field(
        default=StudyObjective.SELF_CONSUMPTION, description="What to make as large as possible."
    )
    on_day: date | None = strawberry.field(
        default=None, description="Local day whose legal limits hold; today by default."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.input(description="A study of one plant.")
class PlantStudyInput(StudyInput):
    """Exactly one of ``installation_id`` and ``cau`` names the plant."""

    installation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the plant; or give its cau."
    )
    cau: Cau | None = strawberry.field(
        default=None, description="Code of the plant; or give its installationId."
    )


@strawberry.input(one_of=True, description="One who waits for a vacancy.")
class CandidateInput:
    """Exactly one name."""

    application_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Global id of the ReserveApplication."
    )
    cups: Cups | None = strawberry.field(default=UNSET, description="Code of the supply point.")


@strawberry.input(one_of=True, description="Which vacancies to fill.")
class VacanciesInput:
    """Exactly one kind."""

    vacancies: int | None = strawberry.field(
        default=UNSET, description="So many places, all coefficients being chosen anew; at least 1."
    )
    freed: list[Coefficient] | None = strawberry.field(
        default=UNSET,
        description="These freed coefficients, while those who share keep theirs; together they "
        "make 1. At most 1,000.",
    )


@strawberry.input(one_of=True, description="What waiting counts for.")
class SeniorityInput:
    """Exactly one way."""

    tie_break: TieBreak | None = strawberry.field(
        default=UNSET, description="It only settles ties."
    )
    value_per_year: float | None = strawberry.field(
        default=UNSET,
        description="Each year counts for so much, in the unit of the objective; 0 to 1,000,000.",
    )


@strawberry.input(description="What a candidate would pay for its share.")
class PaymentModelInput:
    """Every figure at least 0."""

    upfront_eur: Euro = strawberry.field(default=_NOTHING, description="Paid once [EUR].")
    upfront_eur_per_kw: Euro = strawberry.field(
        default=_NOTHING, description="Paid once for each kW of its share [EUR]."
    )
    annual_fee_eur: Euro = strawberry.field(default=_NOTHING, description="Paid every year [EUR].")
    price_eur_per_self_consumed_kwh: EuroPerKwh = strawberry.field(
        default=_FREE,
        description="Paid for the energy that it uses of its share [EUR/kWh].",
    )
    horizon_years: int = strawberry.field(
        default=25, description="Years that are looked at, 1 to 100."
    )
    discount_rate: Share = strawberry.field(
        default=Share(0.0), description="By how much a euro of the next year is worth less."
    )


async def queue_study(
    info: Info, request: Callable[..., object], read_wish: Callable[[], object], given: StudyInput
) -> tuple[JobRun | None, list[UserError]]:
    """Queue the job of a study, or say what kept it from being queued."""
    try:
        job: JobRun = await info.context.write(
            request, wish=read_wish(), idempotency_key=given.idempotency_key, now=now()
        )
    except FaultyWishError as error:
        shown = [
            build_user_error(error.code, fault.reason, ["input", *find_input(fault.path)])
            for fault in error.faults
        ]
        return None, shown
    except CommunityError as error:
        return None, [show_error(error, "input", *_find_fault(error, given))]
    return job, []


def read_candidate(given: CandidateInput) -> CandidateName:
    """Find the one name of a candidate."""
    if given.application_id is UNSET:
        return str(given.cups)
    return read_key(tables.ReserveApplication, str(given.application_id))


def read_candidates(given: Sequence[CandidateInput]) -> tuple[CandidateName, ...]:
    """Find the one name of each candidate."""
    return tuple(map(read_candidate, given))


def _find_fault(error: CommunityError, given: StudyInput) -> list[str]:
    """Name the input at fault."""
    match error:
        case NotWaitingError(path=path):
            return find_input(path)
        case UnknownInstallationError():
            return ["cau" if getattr(given, "cau", None) else "installationId"]
        case UnknownCommunityError():
            return ["communityId"]
        case PlanYearError():
            return ["year"]
        case ContractDocumentError():
            return ["retail", "contracts"]
        case LawYearError():
            return ["retail", "lawYear"]
        case InstallationNamedTwiceError():
            return []
    return ["idempotencyKey"]
