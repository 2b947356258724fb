"""The reference community of the shared data: published optima, rules and bounds."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from loaders.community_folder import read_community_folder
from loaders.records import CommunityYear
from planner.coefficients.choose import Method
from planner.coefficients.rules import Rule
from tests.support.command_line import Reparto
from tests.support.shared_data import shared_data_folder


@pytest.fixture(scope="module")
def valencia() -> CommunityYear:
    return read_community_folder(shared_data_folder() / "valencia")


def plan(community: CommunityYear, **limits: object) -> PlannedYear:
    return plan_coefficients(community=community, request=PlanRequest(**limits))  # type: ignore[arg-type]


def used(planned: PlannedYear, scenario: str = "proposal") -> float:
    return float(planned.scenarios[scenario].self_consumed_kwh.sum())


def test_the_optimum_and_the_rules(valencia: CommunityYear) -> None:
    planned = plan(valencia)

    assert valencia.generation_kwh.sum() == pytest.approx(133_740.110, abs=5e-4)
    assert planned.choice.upper_bound == pytest.approx(81_161.790, abs=5e-4)
    assert used(planned) == pytest.approx(81_161.790, abs=0.01)
    assert used(planned, "equal") == pytest.approx(68_088.638, abs=5e-4)
    assert used(planned, "contracted_power") == pytest.approx(73_415.493, abs=5e-4)
    assert used(planned, "consumption") == pytest.approx(79_696.427, abs=5e-4)
    assert planned.hourly_bound_kwh == pytest.approx(88_709.319, abs=5e-4)


# Published for continuous bounds. On the grid every lower bound is rounded up, which costs up to
# a millionth a member: with a floor of 0.99 almost all are binding, and the loss is 0.217 kWh.
@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(
    ("limits", "published", "on_grid"),
    [
        ({"floor_share": Decimal("0.95")}, 81_153.40, 81_153.394),
        ({"floor_share": Decimal("0.99")}, 80_552.59, 80_552.373),
        ({"floor_share": Decimal("0.9"), "reference": Rule.EQUAL}, 80_254.63, 80_254.549),
        ({"max_beta": Decimal("0.1")}, 76_233.685, 76_233.684),
        ({"min_beta": Decimal("0.03")}, 80_100.418, 80_100.418),
    ],
)
def test_limits_that_bind(
    valencia: CommunityYear,
    limits: dict[str, object],
    published: float,
    on_grid: float,
    method: Method,
) -> None:
    planned = plan(valencia, **limits, method=method)

    assert used(planned) == pytest.approx(on_grid, abs=5e-4)
    assert planned.choice.upper_bound == pytest.approx(published, abs=0.22)
    assert planned.choice.gap <= 1e-6
    assert planned.millionths.sum() == 1_000_000


def test_the_command_line_ends_with_the_optimum(
    reparto: Reparto, shared_data: Path, tmp_path: Path
) -> None:
    run = reparto("plan", shared_data / "valencia", "--output", tmp_path)
    proposal = json.loads((tmp_path / "proposal.json").read_bytes())

    assert run.code == 0
    assert "81,161.790" in run.out
    assert proposal["self_consumed_kwh"] == pytest.approx(81_161.790, abs=0.01)
    assert np.sum([Decimal(beta) for beta in proposal["betas"].values()]) == Decimal(1)


def test_distributor_files_give_the_codes_that_are_expected(
    reparto: Reparto, shared_data: Path
) -> None:
    samples = shared_data / "formats/coeficientes"
    expected = [line.split(",") for line in (samples / "expected.csv").read_text().splitlines()[1:]]

    for folder, codes in expected:
        (file,) = (samples / folder).iterdir()
        run = reparto("validate", file, "--members", samples / "members.csv", "--json")
        reported = {fault["code"] for fault in json.loads(run.out)}
        assert set(codes.split()) <= reported, folder
        assert (run.code, reported == set()) == ((3, False) if codes else (0, True)), folder
