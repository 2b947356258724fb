"""What the rules are told, and what they find."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.tables import AgreementState, CoefficientMode
from models.values.modality import Modality
from models.values.period import Period
from planner.places import Place


class FindingCode(StrEnum):
    """Stable names of what the rules find; the list only grows."""

    NOT_PUBLISHED = "not-published"
    CHANGE_IN_FLIGHT = "change-in-flight"
    TOO_SOON = "too-soon"
    EXEMPT_CHANGE_TO_HOURLY = "exempt-change-to-hourly"
    APPLIED_ALREADY = "applied-already"
    FILE_YEAR_PAST = "file-year-past"
    FILE_YEAR_AHEAD = "file-year-ahead"
    SUM = "sum"
    MEMBERS = "members"
    MODALITY_UNKNOWN = "modality-unknown"
    MODALITIES_DIFFER = "modalities-differ"
    TOO_MUCH_POWER = "too-much-power"
    CONNECTION_UNKNOWN = "connection-unknown"
    SURPLUS_NEEDED = "surplus-needed"
    TOO_FAR = "too-far"
    PLACE_UNKNOWN = "place-unknown"


class Severity(StrEnum):
    """What a finding means for the filing."""

    ERROR = "error"
    """The distributor would refuse it, or the law forbids it."""
    WARNING = "warning"
    """It may be filed, but somebody should look."""
    UNKNOWN = "unknown"
    """A rule could not be checked, since something is not known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes
    ----------
    code : FindingCode
        Its stable name.
    severity : Severity
        What it means for the filing.
    article : str
        Where the rule stands.
    message : str
        What is wrong, by how much, and what to do.
    """

    code: FindingCode
    severity: Severity
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Sharer:
    """A supply point that shares in the plant.

    Attributes
    ----------
    cups : str
        Its code.
    modality : Modality or None
        That of its own access contract, where it is known.
    place : Place or None
        Where its meter is.
    """

    cups: str
    modality: Modality | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class FiledPlant:
    """The installation whose agreement is filed.

    Attributes
    ----------
    power_w : int
        Power of its inverters, summed [W].
    modality : Modality or None
        What becomes of its surplus, where it is known.
    is_internal : bool or None
        Whether it is joined to its members' own network.
    place : Place or None
        Where it is.
    sharers : tuple of Sharer
        Who shares in it.
    """

    power_w: int
    modality: Modality | None
    is_internal: bool | None
    place: Place | None
    sharers: tuple[Sharer, ...]


@dataclass(frozen=True, slots=True)
class FiledAgreement:
    """The agreement that is filed.

    Attributes
    ----------
    state : AgreementState
        Where it stands.
    mode : CoefficientMode
        Whether its coefficients differ by the hour.
    file_year : int
        Year of the distributor's file.
    cups : frozenset of str
        Who has a coefficient.
    wrong_sums : tuple of (int, int)
        Hours of the file, from 1, whose coefficients do not sum to one, and what they sum to
        [millionths]; hour 0 of constant ones.
    """

    state: AgreementState
    mode: CoefficientMode
    file_year: int
    cups: frozenset[str]
    wrong_sums: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedAgreement:
    """One agreement as the distributor applied it to anybody.

    Attributes
    ----------
    is_filed : bool
        Whether it is the agreement that is filed now.
    mode : CoefficientMode
        Whether its coefficients differ by the hour.
    period : Period
        From the first day on which it was applied to somebody to the last; open while it is.
    """

    is_filed: bool
    mode: CoefficientMode
    period: Period


@dataclass(frozen=True, slots=True)
class FilingCase:
    """Everything that the rules look at.

    Attributes
    ----------
    filed_on : date
        Day on which the agreement is complete and correct at the distributor's.
    plant : FiledPlant
        The installation.
    agreement : FiledAgreement
        The agreement.
    applied : tuple of AppliedAgreement
        What the distributor applied before, by its first day.
    in_flight_since : date or None
        Day on which another change was filed that waits for its answer.
    """

    filed_on: date
    plant: FiledPlant
    agreement: FiledAgreement
    applied: tuple[AppliedAgreement, ...] = ()
    in_flight_since: date | None = None
