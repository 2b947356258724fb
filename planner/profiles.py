"""Members with part of a year or none: a labelled profile, scaled to what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError

Values = NDArray[np.float64]


_LEAST_KNOWN = 0.01
"""Share of a profile's energy that measured intervals must hold to tell how much somebody uses."""


class Scale(StrEnum):
    """What a member's profile was scaled to."""

    MEASURED = "measured energy"
    DECLARED = "declared yearly consumption"
    CONTRACTED_POWER = "contracted power"


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The shape of a year's consumption.

    Attributes
    ----------
    shape : ndarray, shape (n_steps,)
        Any unit; only proportions count.
    label : str
        Where it comes from, such as ``mean of 12 members of 2.0TD``.
    n_members : int
        How many members it is the mean of; 0 for a standard.
    classes : tuple of str
        Their tariff classes.
    """

    shape: Values
    label: str
    n_members: int = 0
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What was known of a member, and what the rest was taken from.

    Attributes
    ----------
    known_share : float
        Share of the intervals that are measured, 0 to 1.
    profile : str or None
        Label of the profile in the other intervals; None where all are measured.
    scale : Scale or None
        What the profile was scaled to.
    n_members : int
        How many members the profile is the mean of; 0 for a standard.
    classes : tuple of str
        Their tariff classes.
    """

    known_share: float
    profile: str | None = None
    scale: Scale | None = None
    n_members: int = 0
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CompletedYear:
    """A year without gaps.

    Attributes
    ----------
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Measured values as they were, the others from profiles [kWh].
    completions : tuple of Completion, length n_members
        What was known of each member.
    """

    consumption_kwh: Values
    completions: tuple[Completion, ...]


class ImpossibleConsumptionError(InvalidDataError):
    """Consumption, measured or declared, is what no meter can show.

    Attributes
    ----------
    member : int
        Position of the member.
    value : float
        The figure [kWh].
    subject : str
        What is negative or infinite.
    number : int
        The member's number, from 1.
    """

    def __init__(self, what: str, member: int, value: float) -> None:
        super().__init__(
            f"{what} of member number {member + 1} is {value:g} kWh, should be at least 0"
        )
        self.subject = what
        self.member = member
        self.number = member + 1
        self.value = value


class StandardProfileError(InvalidDataError):
    """A standard profile does not fit the year.

    Attributes
    ----------
    label : str
        Which one.
    reason : str
        What is wrong with it.
    """

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"the profile {label!r} {reason}")
        self.label = label
        self.reason = reason


class NoProfileError(InvalidDataError):
    """Somebody lacks measurements, and nothing can take their place.

    Attributes
    ----------
    member : int
        Position of the first such member.
    number : int
        The member's number, from 1.
    reason : str
        What is missing.
    """

    def __init__(self, member: int, missing: str) -> None:
        super().__init__(f"member number {member + 1} has part of a year or none, and {missing}")
        self.member = member
        self.number = member + 1
        self.reason = missing


def complete_with_profile(
    consumption_kwh: Values,
    groups: Sequence[str],
    contracted_power_kw: Values,
    *,
    declared_kwh: Values | None = None,
    standards: Mapping[str, Profile] | None = None,
) -> CompletedYear:
    """Fill what was not measured with a profile scaled to what is known of the member.

    Parameters
    ----------
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings, NaN where nothing was measured [kWh].
    groups : sequence of str, length n_members
        Tariff class of each member, such as ``2.0TD``.
    contracted_power_kw : ndarray, shape (n_members,)
        Contracted power [kW].
    declared_kwh : ndarray, shape (n_members,), optional
        Yearly consumption that members declare, NaN where they do not [kWh]; it counts only for
        those of whom nothing says more.
    standards : mapping of str to Profile, optional
        Standard profiles by tariff class; they go before the mean of members.

    Returns
    -------
    CompletedYear
        The year without gaps, and what was known of each member.

    Raises
    ------
    ImpossibleConsumptionError
        If consumption, measured or declared, is negative or infinite.
    StandardProfileError
        If a standard has another length, no energy, or what is no energy.
    NoProfileError
        If a member needs a profile and there is none, or nothing to scale it to.

    Notes
    -----
    Without a standard, the profile is the mean of the yearly shapes of the members of the same
    class with a whole year, each summing to one; without any such member, of those of all
    classes. It is scaled so that over the measured intervals it sums to what was measured there.
    Where nothing was measured, or the profile has less than a hundredth of its energy in those
    intervals, too little to tell by, it is scaled so
    that the year sums to what the member declares, otherwise to what those members use per
    contracted kW.

    Examples
    --------
    >>> year = np.array([[1.0, 3.0, 4.0], [2.0, np.nan, np.nan]])
    >>> completed = complete_with_profile(year, ["2.0TD", "2.0TD"], np.array([4.0, 4.0]))
    >>> completed.consumption_kwh[1].tolist()
    [2.0, 6.0, 8.0]
    """
    declared = np.full(len(groups), np.nan) if declared_kwh is None else declared_kwh
    _refuse_impossible("the consumption", consumption_kwh)
    _refuse_impossible("the declared consumption", declared)
    sources = _Sources(consumption_kwh, groups, contracted_power_kw, standards or {})
    completed = consumption_kwh.copy()
    completions = []
    for member, missing in enumerate(np.isnan(consumption_kwh)):
        completion = Completion(1.0)
        if missing.any():
            profile = sources.profile_of(member)
            factor, scale = sources.scale(member, profile.shape, float(declared[member]))
            completed[member, missing] = factor * profile.shape[missing]
            known_share = 1.0 - float(missing.mean())
            completion = Completion(
                known_share, profile.label, scale, profile.n_members, profile.classes
            )
        completions.append(completion)
    return CompletedYear(completed, tuple(completions))


def _refuse_impossible(subject: str, values: Values) -> None:
    """Refuse what is negative or infinite; NaN is for what is not known."""
    bad = np.argwhere((values < 0) | np.isinf(values))
    if bad.size:
        raise ImpossibleConsumptionError(subject, int(bad[0][0]), float(values[tuple(bad[0])]))


class _Sources:
    """What profiles and their scale can be taken from."""

    def __init__(
        self,
        consumption_kwh: Values,
        groups: Sequence[str],
        contracted_power_kw: Values,
        standards: Mapping[str, Profile],
    ) -> None:
        self.consumption_kwh = consumption_kwh
        self.groups = groups
        self.contracted_power_kw = contracted_power_kw
        self.standards = standards
        self.totals = consumption_kwh.sum(axis=1)  # NaN where anything is missing
        for standard in standards.values():
            _check_standard(standard, consumption_kwh.shape[1])

    def peers_of(self, member: int) -> NDArray[np.intp]:
        """List the members of the same class with a whole year that is not empty, or of all."""
        whole = np.flatnonzero(self.totals > 0)
        same = [peer for peer in whole.tolist() if self.groups[peer] == self.groups[member]]
        return np.array(same, dtype=np.intp) if same else whole

    def profile_of(self, member: int) -> Profile:
        """Take the standard of the member's class, or the mean shape of its peers."""
        standard = self.standards.get(self.groups[member])
        if standard is not None:
            return standard
        peers = self.peers_of(member)
        if not peers.size:
            raise NoProfileError(member, "no other has a whole one; give a standard profile")
        shapes = self.consumption_kwh[peers] / self.totals[peers, np.newaxis]
        classes = tuple(sorted({self.groups[peer] for peer in peers.tolist()}))
        members = "1 member" if peers.size == 1 else f"{peers.size} members"
        label = f"mean of {members} of {' and '.join(classes)}"
        return Profile(shapes.mean(axis=0), label, int(peers.size), classes)

    def scale(self, member: int, shape: Values, declared_kwh: float) -> tuple[float, Scale]:
        """Find what to multiply a profile by: measured goes before declared, that before power."""
        known = ~np.isnan(self.consumption_kwh[member])
        measured_kwh = float(self.consumption_kwh[member, known].sum())
        like_measured = float(shape[known].sum())
        if like_measured > 0 and like_measured >= _LEAST_KNOWN * float(shape.sum()):
            return measured_kwh / like_measured, Scale.MEASURED
        if not np.isnan(declared_kwh):
            return max(declared_kwh - measured_kwh, 0.0) / float(shape.sum()), Scale.DECLARED
        peers = self.peers_of(member)
        if not peers.size:
            raise NoProfileError(
                member, "nothing tells how much it consumes; declare its yearly consumption"
            )
        kwh_per_kw = self.totals[peers].sum() / self.contracted_power_kw[peers].sum()
        yearly_kwh = float(kwh_per_kw * self.contracted_power_kw[member])
        return max(yearly_kwh - measured_kwh, 0.0) / float(shape.sum()), Scale.CONTRACTED_POWER


def _check_standard(standard: Profile, n_steps: int) -> None:
    """Refuse a profile of another length, or that is no shape of consumption."""
    if standard.shape.shape != (n_steps,):
        raise StandardProfileError(
            standard.label, f"has {standard.shape.size} intervals, should have {n_steps}"
        )
    if not (np.isfinite(standard.shape) & (standard.shape >= 0)).all():
        raise StandardProfileError(standard.label, "holds values that are no numbers of at least 0")
    if not standard.shape.sum() > 0:
        raise StandardProfileError(standard.label, "holds no energy at all")
