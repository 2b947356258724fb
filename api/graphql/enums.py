"""Enumerations of the vocabulary as the schema shows them, each value described."""

from enum import Enum
from typing import TypeVar, cast

import strawberry
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition

from models.tables import (
    AgreementState,
    ApplicationAct,
    ApplicationState,
    CoefficientMode,
    FilingState,
    GeneratedKind,
    JobState,
    PriceKind,
    ProposalState,
    SignUpState,
)
from models.values.access import Capability, Role
from models.values.calendar import Zone
from models.values.certainty import Certainty
from models.values.errors import ErrorCode
from models.values.invoicing import TaxKind
from models.values.language import Language
from models.values.metering import Channel
from models.values.modality import Modality
from models.values.resolution import Resolution
from models.values.tariff import Tariff

EnumT = TypeVar("EnumT", bound=type[Enum])


def describe(values: EnumT, description: str, **meanings: str) -> EnumT:
    """Show an enumeration in the schema, with what each of its values means."""
    strawberry.enum(values, description=description)
    for value in _values_of(values):
        value.description = meanings[value.name]
    return values


def _values_of(values: type[Enum]) -> list[EnumValue]:
    """List the values of an enumeration as the schema shows them."""
    return cast("StrawberryEnumDefinition", vars(values)["__strawberry_definition__"]).values


describe(
    ErrorCode,
    "Kind of an expected failure; the list only grows.",
    INVALID_ARGUMENT="A value makes no sense where it was given.",
    INVALID_IDENTIFIER="A CUPS, CAU or other code fails its check.",
    INVALID_DATA="Data that was handed in contradicts its own form.",
    INFEASIBLE="No answer keeps every limit of the request.",
    UNPROVEN="The planner found an answer but could not prove it.",
    NOT_FOUND="The thing does not exist, or not for this caller.",
    CONFLICT="The request contradicts what is stored.",
    UNAUTHENTICATED="No valid token or session came with the request, or a sign-in failed.",
    FORBIDDEN="The caller may not do this.",
    TOO_LARGE="More was asked for or sent than one request may carry.",
    RATE_LIMITED="More was asked for than may be in so short a time; ask again later.",
    TOO_FAR="A supply point is too far from every plant for the law.",
    UNAVAILABLE="A service that reparto asks is down, refuses, or answers nonsense.",
    UNEXPECTED="A fault of the program; the message names its log entry.",
    PERSISTED_QUERY_NOT_FOUND="No known document has the digest that was named; send its query.",
    PERSISTED_QUERY_NOT_SUPPORTED="No documents are known here; send queries without a digest.",
)
describe(
    Language,
    "Language of sentences and documents.",
    SPANISH="Spanish.",
    CATALAN="Catalan.",
    ENGLISH="English.",
)
describe(
    Role,
    "A kind of caller.",
    OPERATOR="Looks after the installation, and sees nothing of its promoters.",
    PROMOTER_ADMIN="Runs a promoter: all that it has, accounts and tokens too.",
    PROMOTER_STAFF="Works for a promoter: all that it has, but for accounts and tokens.",
    COMMUNITY_MANAGER="Looks after some of a promoter's communities.",
    MEMBER="Shares in a plant, and sees its own.",
    CANDIDATE="Waits for a vacancy, and sees its own.",
    INTEGRATOR="A program with a token.",
    PUBLIC="Somebody who has not said who they are.",
)
describe(
    Capability,
    "A kind of thing that a caller may do; the list only grows.",
    READ="See communities, their plants, energy, proposals and agreements.",
    PERSONAL="See who the members are, and their single consumptions.",
    RECORD="Take in communities, members, readings, prices and contracts.",
    PLAN="Ask for proposals and studies.",
    AGREE="Make agreements, file them and apply them.",
    READ_MONEY="See invoices, debts and books.",
    BILL="Issue, correct and cancel invoices.",
    COLLECT="Book payments, make debit runs, follow debts.",
    ADMINISTER="Look after accounts, tokens, issuers and their bank accounts.",
    INVITE="Invite people, and say what they look after or who they are.",
    OPERATE="Look after the installation: promoters and their first accounts.",
    OWN="See and do what concerns the caller alone.",
    ACCOUNT="Look after one's own way in: password and second factor.",
)
for language in _values_of(Language):
    language.name = language.value.upper()  # clients know languages by their codes
describe(
    Zone,
    "Tariff zone of the Spanish electricity system.",
    PENINSULA="Mainland, on the clock of Madrid.",
    BALEARES="Balearic Islands, on the clock of Madrid.",
    CANARIAS="Canary Islands, one hour behind Madrid.",
    CEUTA="Ceuta, on the clock of Madrid.",
    MELILLA="Melilla, on the clock of Madrid.",
)
describe(
    Tariff,
    "Access tariff of a supply point.",
    LOW_VOLTAGE_UP_TO_15_KW="2.0TD: low voltage, at most 15 kW in every period.",
    LOW_VOLTAGE_ABOVE_15_KW="3.0TD: low voltage, above 15 kW in some period.",
    HIGH_VOLTAGE_1_TO_30_KV="6.1TD: high voltage, from 1 to 30 kV.",
)
describe(
    Resolution,
    "Interval over which energy is summed.",
    QUARTER_HOUR="Quarters of an hour, of meters that count them.",
    HOUR="Hours.",
    DAY="Local days of 23, 24 or 25 hours.",
    MONTH="Local calendar months.",
    YEAR="The whole local year.",
)
describe(
    SignUpState,
    "Where a sign-up stands.",
    UNCONFIRMED="Nobody has confirmed its e-mail address yet.",
    CONFIRMED="It waits for its promoter's approval.",
    ACCEPTED="It stands in the reserve pool, or went through it.",
    REFUSED="Its promoter refused it.",
    WITHDRAWN="Who made it withdrew it.",
)
describe(
    AgreementState,
    "Where a distribution agreement stands.",
    DRAFT="Being prepared; it can still change.",
    PUBLISHED="In force; it cannot change any more.",
    SUPERSEDED="A later agreement took its place.",
    WITHDRAWN="Taken back before it was published.",
    REJECTED="Refused before it was published, by those who would have signed it.",
)
describe(
    CoefficientMode,
    "Whether a supply point's coefficient differs by the hour.",
    CONSTANT="The same all year.",
    HOURLY="Stated beforehand for every hour of the year.",
)
describe(
    FilingState,
    "What became of an agreement that was sent to the distributor.",
    IN_FLIGHT="Waits for the distributor's answer.",
    APPLIED="The distributor applies it.",
    REFUSED="The distributor sent it back.",
)
describe(
    ApplicationAct,
    "What was done to the record of what the distributor applied.",
    RECORDED="A period was entered.",
    CORRECTED="A period was given other days.",
    ENDED="A period was given its last day.",
    REMOVED="A period was taken back, or begins on another day since.",
)
describe(
    GeneratedKind,
    "What was made of an agreement.",
    DISTRIBUTOR_FILE="The file of coefficients for the distributor: CAU_YEAR.txt.",
    SHARING_AGREEMENT="The document that all members sign, a PDF.",
)
describe(
    Modality,
    "What becomes of the surplus (RD 244/2019, article 4).",
    WITHOUT_SURPLUS="There is none: a device keeps it from the grid.",
    COMPENSATED_SURPLUS="It is set off against the bill.",
    SOLD_SURPLUS="It is sold on the market.",
)
describe(
    Certainty,
    "How a fact that is kept as data is known.",
    VERIFIED="Read in the source named.",
    DERIVED="Derived from such facts.",
    RECALLED="Recalled or chosen: ask before you rely on it.",
    OPEN="Depends on a decision that is not known.",
)
describe(
    ApplicationState,
    "Where a reserve application stands.",
    WAITING="On the list.",
    ADMITTED="Shares by now.",
    WITHDRAWN="No longer wishes to share.",
)
describe(
    ProposalState,
    "What became of a proposal.",
    OPEN="Nothing yet.",
    ACCEPTED="An agreement was published from it.",
)
describe(
    JobState,
    "Where a job stands.",
    QUEUED="Waits for a worker.",
    RUNNING="A worker is at it.",
    SUCCEEDED="Done; see its result.",
    FAILED="Ended without a result; see its error.",
)
describe(
    Channel,
    "What a meter counts, or a distributor derives from it.",
    CONSUMPTION="Energy that a supply point took in.",
    GENERATION="Net energy that an installation generated.",
    ALLOCATED="A supply point's share of the generation, as the distributor states it.",
    SELF_CONSUMED="What a supply point used of its share, as the distributor states it.",
    SURPLUS="What a supply point left of its share, as the distributor states it.",
)
describe(
    PriceKind,
    "What a price is paid for.",
    ENERGY="Energy from the grid.",
    SURPLUS="Surplus of self-consumption.",
    DAY_AHEAD="Energy on the day-ahead market.",
)
describe(
    TaxKind,
    "Tax on sales, by the place of the supply.",
    VAT="Value added tax (IVA).",
    IGIC="Of the Canary Islands.",
    IPSI="Of Ceuta and Melilla.",
)
