import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.atomic_files import UnwritableFileError
from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear, MemberRecord
from loaders.series_files import SeriesFormat
from models.values.calendar import Step
from tests.support.community_folders import assert_same_community, build_community_year

LARGEST_KWH = 2_147_483.647


@pytest.mark.parametrize("energy_format", SeriesFormat)
@pytest.mark.parametrize("n_installations", [1, 2])
def test_what_is_written_reads_back(
    tmp_path: Path, energy_format: SeriesFormat, n_installations: int
) -> None:
    community = build_community_year(n_installations=n_installations, step=Step.QUARTER_HOUR)
    write_community_folder(community, tmp_path / "a", energy_format=energy_format)
    assert_same_community(read_community_folder(tmp_path / "a"), community)


def test_prices_of_the_market_read_back(tmp_path: Path, community: CommunityYear) -> None:
    market = np.arange(community.starts.size) / 1e5
    write_community_folder(replace(community, day_ahead_eur_per_kwh=market), tmp_path)
    read = read_community_folder(tmp_path)
    assert read.day_ahead_eur_per_kwh is not None
    np.testing.assert_array_equal(read.day_ahead_eur_per_kwh, market)


def test_a_later_format_takes_the_place_of_an_earlier_one(
    tmp_path: Path, community: CommunityYear
) -> None:
    without_prices = replace(community, energy_eur_per_kwh=None, surplus_eur_per_kwh=None)
    for energy_format in SeriesFormat:
        write_community_folder(community, tmp_path, energy_format=energy_format)
        assert_same_community(read_community_folder(tmp_path), community)
    write_community_folder(without_prices, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "community.json",
        "consumption.parquet",
        "members.csv",
        "production.parquet",
    ]


@pytest.mark.parametrize("energy_format", SeriesFormat)
def test_the_same_community_gives_the_same_bytes(
    tmp_path: Path, community: CommunityYear, energy_format: SeriesFormat
) -> None:
    for name in ("a", "b"):
        write_community_folder(community, tmp_path / name, energy_format=energy_format)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_plain_text_looks_as_the_contract_says(tmp_path: Path, community: CommunityYear) -> None:
    write_community_folder(community, tmp_path, energy_format=SeriesFormat.CSV)
    assert (
        (tmp_path / "prices.csv")
        .read_text()
        .startswith("ts_utc,energy_eur_kwh,surplus_eur_kwh\n2022-12-31T23:00:00Z,0.05112,0.06452\n")
    )


names = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(' ,";'), min_size=1, max_size=20
).filter(lambda text: text == text.strip() and text != "ts_utc")
shares = st.none() | st.floats(0.0, 1.0)


@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ids=st.lists(names, min_size=4, max_size=4, unique=True),
    kwh=st.lists(st.floats(0.0, LARGEST_KWH), min_size=4, max_size=4),
    price=st.floats(-1e6, 1e6),
    details=st.tuples(
        st.none() | names, shares, shares, shares, shares, st.none() | st.dates(date(1, 1, 1))
    ),
    energy_format=st.sampled_from(SeriesFormat),
)
def test_every_bit_survives(
    tmp_path: Path,
    community: CommunityYear,
    ids: list[str],
    kwh: list[float],
    price: float,
    details: tuple[str | None, float, float, float, float, date],
    energy_format: SeriesFormat,
) -> None:
    members = [
        MemberRecord(name, m.role, m.cups, m.tariff, m.contracted_kw, *details)
        for name, m in zip(ids, community.members, strict=True)
    ]
    consumption_kwh = community.consumption_kwh.copy()
    consumption_kwh[:, 7] = kwh
    changed = replace(
        community,
        members=tuple(members),
        consumption_kwh=consumption_kwh,
        energy_eur_per_kwh=np.full(8760, price),
    )
    write_community_folder(changed, tmp_path, energy_format=energy_format)
    assert_same_community(read_community_folder(tmp_path), changed)


def test_extremes_of_floats_survive_as_text(tmp_path: Path, community: CommunityYear) -> None:
    extremes = [0.0, 5e-324, math.nextafter(1.0, 2.0), 0.1 + 0.2, LARGEST_KWH]
    generation_kwh = community.generation_kwh.copy()
    generation_kwh[0, :5] = extremes
    changed = replace(community, generation_kwh=generation_kwh)
    write_community_folder(changed, tmp_path, energy_format=SeriesFormat.CSV)
    assert read_community_folder(tmp_path).generation_kwh[0, :5].tolist() == extremes


def test_a_place_that_cannot_be_written_is_a_typed_error(
    tmp_path: Path, community: CommunityYear
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableFileError):
        write_community_folder(community, tmp_path / "file")
