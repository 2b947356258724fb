"""What a retailer owes for late activation, over GraphQL."""

from datetime import date
from decimal import Decimal

import pytest

from models.values.calendar import Step, local_midnight, year_steps
from scripts.demo_community import generate_demo_community
from tests.support.api import bearer
from tests.support.databases import on_sqlite
from tests.support.demonstration import filled_database

__all__ = ["filled_database"]

pytestmark = on_sqlite

CUPS = "ES0000000000000102GX0F"
SPRING = {"start": "2025-03-01", "end": "2025-06-01"}
QUERY = """query ($cups: Cups!, $start: Date!, $end: Date!, $late: LateActivationInput!) {
  lateActivation(cups: $cups, start: $start, end: $end, late: $late) {
    lateFrom lateUntil discountEur
    bills { edges { node { start end discountEur gridEnergyEur } } }
    figures { edges { node { name value unit } } } } }"""


def send(api, rows: list[str], name: str = "profile.csv") -> str:
    content = "\n".join(["ts_utc,kwh", *rows]).encode()
    headers = bearer(api.own) | {"content-type": "application/octet-stream"}
    path = f"/uploads?fileName={name}"
    return api.client.request("POST", path, content=content, headers=headers).json()["id"]


def flat_year(kwh: str = "1") -> list[str]:
    return [f"{start}Z,{kwh}" for start in year_steps(2025, "Europe/Madrid", Step.HOUR)]


def late(upload: str, documents_on: str = "2025-01-10", activated_on: str | None = None):
    return {
        "documentsOn": documents_on,
        "activatedOn": activated_on,
        "profileUploadId": upload,
    }


def expect_discounts(*first_days: str) -> list[str]:
    """Reckon each month to its end: part of the plant x 1,200 h, spread evenly, at each price."""
    community = generate_demo_community()
    (member,) = (each for each in community.members if each.cups == CUPS)
    kwh = member.current_beta * community.installations[0].pv_kw * 1200 / 8760
    starts = year_steps(2025, "Europe/Madrid", Step.HOUR)
    days = [
        local_midnight(date.fromisoformat(f"2025-{day}"), "Europe/Madrid") for day in first_days
    ]
    ends = [*days[1:], local_midnight(date(2025, 6, 1), "Europe/Madrid")]
    within = [(starts >= day) & (starts < end) for day, end in zip(days, ends, strict=True)]
    return [f"{kwh * community.surplus_eur_per_kwh[each].sum():.2f}" for each in within]


def test_each_bill_has_its_discount_from_the_day_on_which_it_is_late(api):
    found = api.ask(QUERY, cups=CUPS, late=late(send(api, flat_year())), **SPRING)
    owed = found["lateActivation"]
    bills = [edge["node"] for edge in owed["bills"]["edges"]]

    assert (owed["lateFrom"], owed["lateUntil"]) == ("2025-03-10", None)
    assert [bill["start"] for bill in bills] == ["2025-03-01", "2025-04-01", "2025-05-01"]
    assert [bill["gridEnergyEur"] for bill in bills] == ["22.03", "23.33", "20.22"]
    assert [bill["discountEur"] for bill in bills] == expect_discounts("03-10", "04-01", "05-01")
    assert Decimal(owed["discountEur"]) == sum(Decimal(bill["discountEur"]) for bill in bills)
    assert [edge["node"]["value"] for edge in owed["figures"]["edges"]] == ["2", "100", "1200"]


@pytest.mark.parametrize(
    ("rows", "given", "code", "message"),
    [
        (flat_year(), {"activated_on": "2025-03-10"}, "INVALID_ARGUMENT", "until 2025-03-10"),
        (flat_year("0"), {}, "INVALID_DATA", "profile.csv: tells of no generation at all"),
        (flat_year()[:-1], {}, "INVALID_DATA", "profile.csv"),
    ],
)
def test_what_is_not_late_and_what_is_no_profile_is_refused(api, rows, given, code, message):
    error = api.error(QUERY, cups=CUPS, late=late(send(api, rows), **given), **SPRING)

    assert error["extensions"]["code"] == code
    assert message in error["message"]


@pytest.mark.parametrize(
    ("cups", "upload"),
    [(CUPS, "00000000-0000-0000-0000-000000000001"), ("ES0000000000000999CX0F", "")],
)
def test_what_is_not_there_is_not_found(api, cups, upload):
    error = api.error(QUERY, cups=cups, late=late(upload or send(api, flat_year())), **SPRING)

    assert error["extensions"]["code"] == "NOT_FOUND"
