"""Whether a candidate may share at all: near enough, on a tariff and in a modality that may."""

from dataclasses import dataclass
from enum import StrEnum

from models.values.modality import Modality
from models.values.tariff import Tariff
from planner.places import Place, measure_distance
from planner.reserve.reasons import Reason, ReasonCode


class Obstacle(StrEnum):
    """What stands in the way of a supply point, technically."""

    NO_HOURLY_METER = "no-hourly-meter"
    CHANGE_IN_FLIGHT = "change-in-flight"


@dataclass(frozen=True, slots=True)
class DistanceLimit:
    """How near a meter must be [m], and the rule that says so."""

    metres: float
    source: str


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """What an installation asks of those who want to share in it.

    Attributes
    ----------
    plant : Place or None
        Where the plant is.
    distance : DistanceLimit
        The limit in force; a distance must be strictly below it.
    tariffs : frozenset of Tariff
        Tariffs that may share.
    modalities : frozenset of Modality
        Modalities of self-consumption that a supply point may already be in.
    """

    plant: Place | None
    distance: DistanceLimit
    tariffs: frozenset[Tariff] = frozenset(Tariff)
    modalities: frozenset[Modality] = frozenset({Modality.COMPENSATED_SURPLUS})


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the conditions of admission look at.

    Attributes
    ----------
    meter : Place or None
        Where the consumption meter is.
    tariff : Tariff
        Its access tariff.
    modality : Modality or None
        Self-consumption that it is in already; None for none.
    obstacles : frozenset of Obstacle
        What stands in its way.
    """

    meter: Place | None
    tariff: Tariff
    modality: Modality | None = None
    obstacles: frozenset[Obstacle] = frozenset()


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether somebody may be admitted, and why or why not."""

    eligible: bool
    reasons: tuple[Reason, ...]


def judge_eligibility(applicant: Applicant, rules: AdmissionRules) -> Eligibility:
    """Hold an applicant against the conditions of admission.

    Parameters
    ----------
    applicant : Applicant
        Who would like to share.
    rules : AdmissionRules
        What the installation asks.

    Returns
    -------
    Eligibility
        Every condition that fails is named; an unknown position fails none, and is told.

    Notes
    -----
    Distance: RD 244/2019, article 3.g, to the consumption meter, strictly below the limit.
    Modality: articles 4.3 and 4.5, all consumers of an installation in the same one.

    Examples
    --------
    >>> near = AdmissionRules(Place(39.0, 0.0), DistanceLimit(5000.0, "RDL 7/2026"))
    >>> judge_eligibility(Applicant(Place(39.1, 0.0), Tariff("2.0TD")), near).eligible
    False
    """
    passed, distance = _judge_distance(applicant.meter, rules)
    failures = [*([] if passed else [distance]), *_list_failures(applicant, rules)]
    return Eligibility(not failures, tuple(failures) or (distance,))


def _judge_distance(meter: Place | None, rules: AdmissionRules) -> tuple[bool, Reason]:
    """Measure how far the meter is, if it is known where both are."""
    limit = rules.distance
    figures: dict[str, float | str] = {"limit_m": limit.metres, "source": limit.source}
    if meter is None or rules.plant is None:
        return True, Reason(ReasonCode.DISTANCE_UNKNOWN, figures)
    distance_m = measure_distance(rules.plant, meter)
    near = distance_m < limit.metres
    code = ReasonCode.NEAR_ENOUGH if near else ReasonCode.TOO_FAR
    return near, Reason(code, {"distance_m": distance_m, **figures})


def _list_failures(applicant: Applicant, rules: AdmissionRules) -> list[Reason]:
    """Name the conditions beside the distance that fail."""
    failures = []
    if applicant.tariff not in rules.tariffs:
        allowed = ", ".join(sorted(rules.tariffs))
        failures.append(
            Reason(
                ReasonCode.TARIFF_NOT_ALLOWED,
                {"tariff": applicant.tariff.value, "allowed": allowed},
            )
        )
    if applicant.modality is not None and applicant.modality not in rules.modalities:
        figures = {"modality": applicant.modality.value}
        failures.append(Reason(ReasonCode.OTHER_MODALITY, figures))
    failures += [Reason(ReasonCode(obstacle.value)) for obstacle in sorted(applicant.obstacles)]
    return failures
