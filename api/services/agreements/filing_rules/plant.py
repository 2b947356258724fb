"""Rules of the plant and its members: one modality, its power, its connection, its distance."""

from collections.abc import Iterator

from api.services.agreements.filing_rules.findings import (
    FilingCase,
    Finding,
    FindingCode,
    Severity,
)
from loaders.typed_document import name_some
from models.regulation.distance_limits import distance_limit_on
from models.regulation.filing_limits import FilingLimit, filing_limit_on
from models.values.modality import Modality
from models.values.power import to_kw
from planner.places import measure_distance


def check_modality(case: FilingCase) -> Iterator[Finding]:
    """Let all members be in the modality of the plant.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``MODALITIES_DIFFER``, ``MODALITY_UNKNOWN``.

    Notes
    -----
    RD 244/2019, article 4.3.
    """
    article = "RD 244/2019, article 4.3"
    plant = case.plant
    of_members = {each.cups: each.modality for each in plant.sharers if each.modality is not None}
    known = {*of_members.values(), *([plant.modality] if plant.modality else [])}
    if len(known) > 1:
        wanted = plant.modality or min(known)
        others = [f"{cups} {each}" for cups, each in of_members.items() if each is not wanted]
        yield Finding(
            FindingCode.MODALITIES_DIFFER,
            Severity.ERROR,
            article,
            f"all members must be in one modality; not in {wanted}: {name_some(others, ', ')}: all "
            "change together before the agreement is filed",
        )
    unknown = [each.cups for each in plant.sharers if each.modality is None]
    if plant.modality is None or unknown:
        missing = [] if plant.modality else ["the installation"]
        missing += [f"{len(unknown)} members ({name_some(unknown, ', ')})"] if unknown else []
        yield Finding(
            FindingCode.MODALITY_UNKNOWN,
            Severity.UNKNOWN,
            article,
            f"all members must be in one modality, but that of {' and '.join(missing)} is not "
            "known: enter it",
        )


def check_power(case: FilingCase) -> Iterator[Finding]:
    """Hold the power of a plant whose surplus is compensated against the limit.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``TOO_MUCH_POWER``.

    Raises
    ------
    UnknownFigureError
        If the law of that day is not known.

    Notes
    -----
    RD 244/2019, articles 3.h and 4: the power of the inverters, summed.
    """
    if case.plant.modality is not Modality.COMPENSATED_SURPLUS:
        return
    limit = filing_limit_on(case.filed_on, FilingLimit.COMPENSATED_POWER)
    power_kw = to_kw(case.plant.power_w)
    if power_kw > limit.value:
        yield Finding(
            FindingCode.TOO_MUCH_POWER,
            Severity.ERROR,
            limit.source,
            f"surplus is compensated up to {limit.value} {limit.unit}, and the inverters have "
            f"{power_kw:g} kW: sell the surplus, or correct the power",
        )


def check_connection(case: FilingCase) -> Iterator[Finding]:
    """Let a plant through the network have surplus.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``SURPLUS_NEEDED``, ``CONNECTION_UNKNOWN``.

    Notes
    -----
    RD 244/2019, article 4.5.
    """
    if case.plant.is_internal is None:
        yield Finding(
            FindingCode.CONNECTION_UNKNOWN,
            Severity.UNKNOWN,
            "RD 244/2019, articles 3.g and 4.5",
            "whether the plant is joined to its members' own network or through the public one "
            "is not known: enter it",
        )
    if case.plant.is_internal is False and case.plant.modality is Modality.WITHOUT_SURPLUS:
        yield Finding(
            FindingCode.SURPLUS_NEEDED,
            Severity.ERROR,
            "RD 244/2019, article 4.5",
            "a plant through the public network must have surplus, and this one is "
            f"{Modality.WITHOUT_SURPLUS}: change the modality of all, or correct the connection",
        )


def check_distance(case: FilingCase) -> Iterator[Finding]:
    """Hold the way from each meter to the plant against the limit of the day of filing.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``TOO_FAR``, an error only where the plant is known to be through the public network;
        ``PLACE_UNKNOWN``.

    Raises
    ------
    UnknownFigureError
        If the law of that day is not known.

    Notes
    -----
    RD 244/2019, article 3.g: strictly below the limit; none for a plant on its members' own
    network.
    """
    plant = case.plant
    if plant.is_internal:
        return
    limit = distance_limit_on(case.filed_on)
    if plant.place is None:
        said = "the place of the plant is not known, so no distance can be checked: enter it"
        yield Finding(FindingCode.PLACE_UNKNOWN, Severity.UNKNOWN, limit.source, said)
        return
    distances_m = {
        each.cups: measure_distance(plant.place, each.place)
        for each in plant.sharers
        if each.place is not None
    }
    far = [f"{cups} ({m:,.0f} m)" for cups, m in distances_m.items() if m >= limit.value]
    if far:
        yield Finding(
            FindingCode.TOO_FAR,
            Severity.WARNING if plant.is_internal is None else Severity.ERROR,
            limit.source,
            f"a meter must be less than {limit.value} {limit.unit} from the plant; too far: "
            f"{name_some(far, ', ')}: correct the place, or make an agreement without them",
        )
    unknown = [each.cups for each in plant.sharers if each.place is None]
    if unknown:
        yield Finding(
            FindingCode.PLACE_UNKNOWN,
            Severity.UNKNOWN,
            limit.source,
            f"the place of {len(unknown)} meters is not known ({name_some(unknown, ', ')}): "
            "give lat and lon in the list of members",
        )
