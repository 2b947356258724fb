"""Enumerations of the vocabulary as the schema shows them, each value described."""

from enum import Enum
from typing import TypeVar, cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from models.tables import AgreementState, ApplicationState, JobState, ProposalState
from models.values.calendar import Resolution, Zone
from models.values.errors import ErrorCode
from models.values.tariff import Tariff

EnumT = TypeVar("EnumT", bound=type[Enum])


def describe(values: EnumT, description: str, **meanings: str) -> EnumT:
    """Show an enumeration in the schema, with what each of its values means."""
    strawberry.enum(values, description=description)
    shown = cast("StrawberryEnumDefinition", vars(values)["__strawberry_definition__"])
    for value in shown.values:
        value.description = meanings[value.name]
    return values


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
    UNAUTHENTICATED="No valid token came with the request.",
    FORBIDDEN="The caller may not do this.",
    TOO_LARGE="More was asked for or sent than one request may carry.",
    UNAVAILABLE="A service that reparto asks is down, refuses, or answers nonsense.",
    UNEXPECTED="A fault of the program; the message names its log entry.",
)
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
    HOUR="Hours.",
    DAY="Local days of 23, 24 or 25 hours.",
    MONTH="Local calendar months.",
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
