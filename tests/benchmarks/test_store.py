"""The store of readings: 200 members over a year, in and out, and the room that they take."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Engine

from api.services.communities.load_community_year import load_community_year
from loaders.meter_files.records import MeterFile, MeterSeries
from models.repositories.readings import WantedYear, load_energy_year
from models.session import read_session, write_session
from models.tables import Channel, Promoter
from models.values.calendar import Step, year_steps
from models.values.metering import Quality
from tests.support.meter_series import import_file, make_file
from tests.support.stored_records import StoredCommunity, add_community

MEMBERS = 200
MADRID = "Europe/Madrid"


@pytest.fixture
def stored(engine: Engine, promoter: Promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=MEMBERS)


def make_year(stored: StoredCommunity, step: Step, *, is_mixed: bool = False) -> MeterFile:
    """Make the file of a year of all meters; a mixed one has an estimated value a quarter."""
    starts = year_steps(2023, MADRID, step)
    random = np.random.default_rng(1)
    quality = np.zeros(starts.size, np.uint8)
    if is_mixed:
        quality[:: 90 * 24 * step.per_hour] = Quality.ESTIMATED
    meters = [(point.cups, Channel.CONSUMPTION) for point in stored.points]
    return make_file(
        *(
            MeterSeries(
                code,
                channel,
                step,
                starts,
                random.integers(0, 3000, starts.size).astype(np.int32),
                quality,
            )
            for code, channel in [*meters, (stored.installation.cau, Channel.GENERATION)]
        )
    )


def file_size(engine: Engine) -> int:
    """Close a SQLite file and give its size."""
    assert engine.url.database is not None
    engine.dispose()
    return Path(engine.url.database).stat().st_size


def test_import_of_200_members_and_a_year(
    benchmark: BenchmarkFixture, engine: Engine, promoter: Promoter, stored: StoredCommunity
) -> None:
    file = make_year(stored, Step.HOUR)
    community_id: UUID = stored.community.id
    report = benchmark.pedantic(
        import_file, (engine, promoter, community_id, file), rounds=1, iterations=1
    )
    assert report.accepted_count == (MEMBERS + 1) * 8760
    assert benchmark.stats.stats.max < 20


def test_import_of_the_same_values_again(
    benchmark: BenchmarkFixture, engine: Engine, promoter: Promoter, stored: StoredCommunity
) -> None:
    file = make_year(stored, Step.HOUR)
    community_id: UUID = stored.community.id
    import_file(engine, promoter, community_id, file)
    report = benchmark.pedantic(
        import_file, (engine, promoter, community_id, file), {"sha256": "1" * 64}, rounds=1
    )
    assert report.is_unchanged


def test_load_of_the_matrix(
    benchmark: BenchmarkFixture, engine: Engine, promoter: Promoter, stored: StoredCommunity
) -> None:
    import_file(engine, promoter, stored.community.id, make_year(stored, Step.HOUR))
    meters = {point.id: point.cups for point in stored.points}
    wanted = WantedYear(Channel.CONSUMPTION, meters, 2023, MADRID)

    def load() -> None:
        with read_session(engine) as session:
            load_energy_year(session, wanted, promoter_id=promoter.id)

    benchmark.pedantic(load, rounds=10, warmup_rounds=1)
    assert benchmark.stats.stats.min < 0.1


def test_load_of_the_whole_community(
    benchmark: BenchmarkFixture, engine: Engine, promoter: Promoter, stored: StoredCommunity
) -> None:
    import_file(engine, promoter, stored.community.id, make_year(stored, Step.HOUR))

    def load() -> None:
        with read_session(engine) as session:
            load_community_year(
                session, promoter_id=promoter.id, community_id=stored.community.id, year=2023
            )

    benchmark.pedantic(load, rounds=10, warmup_rounds=1)


@pytest.mark.parametrize("is_mixed", [False, True], ids=["real", "mixed"])
@pytest.mark.parametrize("step", Step)
def test_room_of_a_value_on_sqlite(
    benchmark: BenchmarkFixture,
    engine: Engine,
    promoter: Promoter,
    stored: StoredCommunity,
    step: Step,
    is_mixed: bool,
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("measures a SQLite file")
    file = make_year(stored, step, is_mixed=is_mixed)
    before = file_size(engine)
    benchmark.pedantic(import_file, (engine, promoter, stored.community.id, file), rounds=1)
    n_values = sum(series.energy_wh.size for series in file.series)
    bytes_per_value = (file_size(engine) - before) / n_values
    benchmark.extra_info["bytes_per_value"] = bytes_per_value
    # Where not all values of a month are alike, each has a byte of quality.
    assert 4 < bytes_per_value <= (6.2 if is_mixed else 6.0)
