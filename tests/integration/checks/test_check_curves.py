"""A distributor's curves with one mistake each: it is found, and named."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.checks.check_curves import UnlikeCurveError, check_curves
from api.services.checks.curve_check import CurvesCheck, CurveTotals
from api.services.communities.find_points import UnknownCupsError
from api.services.file_imports.read_any_file import AmbiguousFormatError, ForeignFormatError
from loaders.archived_files import NamedFile
from loaders.file_formats import FileFormat
from models.repositories.readings import MissingMonthsError
from models.session import read_session
from models.values.calendar import Step, local_times, year_steps
from planner.metering.curve_causes import CurveCause
from tests.support.agreements import MADRID, agree, apply, shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import store_homes
from tests.support.stored_records import StoredCommunity

__all__ = ["shared"]

pytestmark = on_sqlite

YEAR = 2026
BETAS = (600_000, 300_000, 100_000)
NOON_WH = 2_501
STRANGER = "ES0021000000000001RK0F"

Curves = Callable[..., CurvesCheck]


@pytest.fixture
def plant(engine: Engine, shared: StoredCommunity) -> StoredCommunity:
    """Store three homes of 0.5 kW that share what a plant gives at noon by 60, 30 and 10 %."""
    store_homes(engine, shared, year=YEAR, noon_wh=NOON_WH)
    apply(engine, shared, agree(engine, shared, *BETAS), date(YEAR, 1, 1))
    return shared


@pytest.fixture
def check(engine: Engine, plant: StoredCommunity) -> Curves:
    def hold(text: str, name: str = "A5D_1_20260701.0", **options) -> CurvesCheck:
        file = NamedFile(name, text.encode())
        owner = plant.community.promoter_id
        with read_session(engine) as session:
            return check_curves(session, promoter_id=owner, file=file, **options)

    return hold


def days_of(first: date, last: date) -> np.ndarray:
    """List the starts of the hours of local days."""
    local = local_times(YEAR, MADRID, Step.HOUR).astype("datetime64[D]")
    within = (local >= np.datetime64(first)) & (local <= np.datetime64(last))
    return year_steps(YEAR, MADRID, Step.HOUR)[within]


MARCH = days_of(date(YEAR, 3, 1), date(YEAR, 3, 31))


def split(starts: np.ndarray, beta: float, noon_wh: float = NOON_WH) -> tuple[list, list]:
    """Share out by hand: what is left of the grid, and of the surplus, in whole Wh."""
    hours = [_local(start).hour for start in starts]
    allocated = [beta * noon_wh if hour == 12 else 0.0 for hour in hours]
    grid = [round(max(500 - each, 0)) for each in allocated]
    return grid, [round(max(each - 500, 0)) for each in allocated]


def write(cups: str, starts: np.ndarray, grid: list, surplus: list) -> str:
    """Write lines of A5D, whose times end their hours."""
    lines = []
    for start, taken, left in zip(starts, grid, surplus, strict=True):
        end = _local(start + np.timedelta64(1, "h"))
        summer = int(bool(end.dst()))
        lines.append(f"{cups};{end:%Y/%m/%d %H:%M};{summer};{taken};{left};0;0;0;0;1;1;F1;\n")
    return "".join(lines)


def _local(start: np.datetime64) -> datetime:
    seconds = int(start.astype("datetime64[s]").astype(int))
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(MADRID))


def shift(energies: tuple[list, list], hours: np.ndarray) -> tuple[list, list]:
    """Let some hours have what the hour before has."""
    rows = np.array(energies)
    rows[:, hours] = np.roll(rows, 1, axis=1)[:, hours]
    return rows[0].tolist(), rows[1].tolist()


def causes_of(found: CurvesCheck) -> list[CurveCause]:
    return [each.finding.cause for each in found.checks]


def test_curves_in_whole_watt_hours_agree(plant: StoredCommunity, check: Curves) -> None:
    text = "".join(
        write(point.cups, MARCH, *split(MARCH, beta / 1e6))
        for point, beta in zip(plant.points, BETAS, strict=True)
    )
    found = check(text)
    first = found.checks[0]

    assert found.agrees
    assert (found.format, found.failed, found.n_rejected) == ("simel-a5d", {}, 0)
    assert causes_of(found) == [CurveCause.ROUNDING] * 3
    assert (first.start, first.end) == (date(YEAR, 3, 1), date(YEAR, 4, 1))
    assert (first.n_hours, first.n_missing, first.n_differing) == (743, 0, 0)
    # 712 hours of 500 Wh, and 31 noons of 0.6 x 2,501 - 500 = 1,000.6 Wh.
    assert first.ours == CurveTotals(356_000, 31_019)
    assert first.theirs == CurveTotals(356_000, 31 * 1_001)
    assert first.worst == ()
    assert "recalled, not confirmed" in found.notes[-1]


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda: ([500] * 743, split(MARCH, 0.6)[1]), CurveCause.BOUNDARY_METER),
        (lambda: ([500] * 743, [0] * 743), CurveCause.NOT_SHARED),
        (lambda: split(MARCH, 0.45), CurveCause.OTHER_COEFFICIENT),
        (lambda: shift(split(MARCH, 0.6), np.arange(743) > 0), CurveCause.SHIFTED),
        (
            lambda: shift(split(MARCH, 0.6), np.datetime64("2026-03-29T01:00") <= MARCH),
            CurveCause.CLOCK_CHANGE,
        ),
        (lambda: split(MARCH, 0.6, noon_wh=1_700), CurveCause.OTHER_COEFFICIENT),
        (lambda: ([499, 10, *split(MARCH, 0.6)[0][2:]], [0] * 743), CurveCause.UNKNOWN),
    ],
)
def test_a_mistake_is_named(
    plant: StoredCommunity,
    check: Curves,
    spoil: Callable[[], tuple[list, list]],
    cause: CurveCause,
) -> None:
    found = check(write(plant.points[0].cups, MARCH, *spoil()))

    assert causes_of(found) == [cause]
    assert not found.agrees
    assert found.checks[0].n_differing > 0
    assert 0 < len(found.checks[0].worst) <= 5


def test_the_worst_hour_shows_both(plant: StoredCommunity, check: Curves) -> None:
    grid, surplus = split(MARCH, 0.6)
    grid[3] = 650
    worst = check(write(plant.points[0].cups, MARCH, grid, surplus)).checks[0].worst

    assert [(str(hour.start), hour.ours, hour.theirs) for hour in worst] == [
        ("2026-03-01T02:00:00", CurveTotals(500, 0), CurveTotals(650, 0))
    ]


def test_a_coefficient_that_no_agreement_has_is_read_off(
    plant: StoredCommunity, check: Curves
) -> None:
    finding = check(write(plant.points[0].cups, MARCH, *split(MARCH, 0.45))).checks[0].finding

    # 1,125 Wh of 2,501: whole watt-hours tell it to some 1 / 2,501 at most.
    assert finding.coefficient == pytest.approx(0.45, abs=4e-4)


def test_the_coefficient_of_another_agreement_is_named(
    engine: Engine, plant: StoredCommunity, check: Curves
) -> None:
    agree(engine, plant, 450_000, 300_000, 250_000)
    found = check(write(plant.points[0].cups, MARCH, *split(MARCH, 0.45)))

    assert causes_of(found) == [CurveCause.OTHER_AGREEMENT]
    assert plant.installation.cau in str(found.checks[0].finding.agreement)


def test_one_other_generation_explains_several_curves(
    plant: StoredCommunity, check: Curves
) -> None:
    noons = np.random.default_rng(3).integers(1_000, 4_000, 40)

    def generated(start: np.datetime64) -> float:
        return float(noons[_local(start).day])

    text = ""
    for point, beta in zip(plant.points, BETAS, strict=True):
        rows = [split(np.array([start]), beta / 1e6, generated(start)) for start in MARCH]
        text += write(point.cups, MARCH, [row[0][0] for row in rows], [row[1][0] for row in rows])

    assert causes_of(check(text)) == [CurveCause.GENERATION] * 3


def test_whole_kilowatt_hours_are_rounding(plant: StoredCommunity, check: Curves) -> None:
    grid, surplus = split(MARCH, 0.6)
    rounded = [[round(each / 1000) * 1000 for each in row] for row in (grid, surplus)]

    assert causes_of(check(write(plant.points[0].cups, MARCH, *rounded))) == [CurveCause.ROUNDING]


def test_hours_that_lack_are_counted(plant: StoredCommunity, check: Curves) -> None:
    kept = np.delete(MARCH, slice(100, 124))
    found = check(write(plant.points[0].cups, kept, *split(kept, 0.6)))

    assert (found.checks[0].n_missing, found.checks[0].finding.cause) == (24, CurveCause.ROUNDING)
    assert not found.agrees


def test_who_cannot_be_compared_is_told(plant: StoredCommunity, check: Curves) -> None:
    first, second = (point.cups for point in plant.points[:2])
    elsewhere = MARCH[:24] - np.timedelta64(365 * 24, "h")
    text = write(first, MARCH, *split(MARCH, 0.6))
    text += write(STRANGER, MARCH, *split(MARCH, 0.6))
    text += write(second, elsewhere, *split(elsewhere, 0.3))
    found = check(text)

    assert [each.point.cups for each in found.checks] == [first]
    assert not found.agrees
    assert {cups: type(error) for cups, error in found.failed.items()} == {
        STRANGER: UnknownCupsError,
        second: MissingMonthsError,
    }


def test_a_shorter_code_finds_its_supply_point(plant: StoredCommunity, check: Curves) -> None:
    found = check(write(plant.points[0].cups[:20], MARCH, *split(MARCH, 0.6)))

    assert [each.point.cups for each in found.checks] == [plant.points[0].cups]


def test_what_is_no_curve_is_refused(plant: StoredCommunity, check: Curves) -> None:
    text = write(plant.points[0].cups, MARCH, *split(MARCH, 0.6))
    with pytest.raises(AmbiguousFormatError):
        check(text, name="curves.csv")
    with pytest.raises(ForeignFormatError):
        check("<MensajeFacturacion>", name="A5D.xml")
    with pytest.raises(UnknownCupsError):
        check(write(STRANGER, MARCH, *split(MARCH, 0.6)))
    held = check(text, name="curves.csv", form=FileFormat.SIMEL_B5D)
    assert held.format == "simel-b5d"


def test_quarter_hours_and_half_curves_are_told(plant: StoredCommunity, check: Curves) -> None:
    cups = plant.points[0].cups
    lines = write(cups, MARCH, *split(MARCH, 0.6)).replace(";0;0;0;0;1;1;F1;", "")
    text = "".join(f"{line.rsplit(';', 1)[0]};;\n" for line in lines.splitlines())
    found = check(text, name="P5D", form=FileFormat.SIMEL_P5D)

    assert isinstance(found.failed[cups], UnlikeCurveError)
