import pytest

from scripts.country.figures import ASSUMPTIONS, Measured, Phase, Stage
from scripts.country.tables import print_measured


@pytest.fixture
def measured() -> Measured:
    """Measure 2,000 supply points in round numbers."""
    return Measured(
        database="SQLite",
        n_workers=1,
        n_points=2_000,
        n_communities=16,
        seed=7,
        n_months=13,
        phases=(
            Phase(Stage.SETTLE, 20.0, 80_000_000, 16_000_000, cpu_seconds=18.5),
            Phase(Stage.IMPORT, 5.0, 8_000_000, 1_600_000, 16, 4.5, 0.25, 1.5),
            Phase(Stage.ALLOCATE, 8.0, 5_200_000, 0, 16, 7.5, 0.5, 2.0),
            Phase(Stage.ALLOCATE_AGAIN, 4.0, 0, 0, 16, 3.5, 0.25, 1.0),
            Phase(Stage.PLAN, 10.0, 20_000_000, 0, 16, 9.5, 0.75, 3.0),
        ),
    )


def test_a_country_takes_in_proportion(measured: Measured) -> None:
    assert measured.bytes_per_point(Stage.IMPORT) == 4_000
    assert measured.hours_of_country(Stage.PLAN) == 5_000 / 3_600
    assert measured.settled_gb_of_country() == 40.0


def test_a_further_year_is_twelve_months_and_a_proposal(measured: Measured) -> None:
    # 12 x (4,000 + 2,600 / 13) + 10,000 bytes a supply point
    assert measured.yearly_gb_of_country() == pytest.approx(60.4, abs=1e-12)


def test_the_document_has_every_figure_with_its_rates(measured: Measured) -> None:
    document = measured.to_json()
    settle, imported, *_ = document["phases"]

    assert list(document) == [
        *("database", "n_workers", "n_points", "n_communities", "seed", "n_months"),
        *("phases", "projection"),
    ]
    assert settle == {
        "stage": "settle",
        "seconds": 20.0,
        "n_bytes": 80_000_000,
        "n_values": 16_000_000,
        "n_jobs": 0,
        "cpu_seconds": 18.5,
        "median_job_seconds": None,
        "longest_job_seconds": None,
        "points_per_second": 100.0,
        "jobs_per_second": None,
        "bytes_per_point": 40_000.0,
        "bytes_per_value": 5.0,
    }
    assert (imported["jobs_per_second"], imported["bytes_per_value"]) == (3.2, 5.0)
    assert document["projection"] == {
        "supply_points": 1_000_000,
        "hours": {
            "settle": 2.778,
            "import a month": 0.694,
            "allocate": 1.111,
            "allocate again": 0.556,
            "plan": 1.389,
        },
        "settled_gb": 40.0,
        "yearly_gb": 60.4,
        "assumptions": list(ASSUMPTIONS),
    }


def test_the_tables_say_what_was_measured_and_what_is_projected(
    measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    print_measured(measured)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]

    for line in (
        "2,000 supply points in 16 communities, SQLite, 1 worker, seed 7",
        "settle 20.0 100 - - - - 18.5 80.0 40,000 5.00",
        "import a month 5.0 400 16 3.20 0.25 1.50 4.5 8.0 4,000 5.00",
        "plan 10.0 200 16 1.60 0.75 3.00 9.5 20.0 10,000 -",
        "settle 2.8 h",
        "storage, settled 40 GB",
        "storage, each further year 60 GB",
        "Projections, not measurements. They assume:",
        *(f"- {assumption}" for assumption in ASSUMPTIONS),
    ):
        assert line.split() in lines
