"""The document of limits: what it means, and every way in which it can be wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from api.services.proposals.limits_document import (
    LimitsDocument,
    LimitsDocumentError,
    UnknownMembersError,
    parse_limits,
    read_limits_file,
)
from loaders.records import MemberRecord, MemberRole
from models.values.cups import Cups
from models.values.tariff import Tariff
from planner.coefficients.limits import (
    Blocks,
    ChangeLimit,
    CoefficientRange,
    ContributionLimit,
    FixedCoefficient,
    Floor,
    Group,
    PaybackLimit,
)
from planner.coefficients.rules import Rule

MEMBERS = [
    MemberRecord(f"M{row}", MemberRole.MEMBER, Cups(cups), Tariff("2.0TD"), 4.6, kind=kind)
    for row, (cups, kind) in enumerate(
        [
            ("ES0000000000230001HR0F", "home"),
            ("ES0000000000230002HW0F", "shop"),
            ("ES0000000000230003HA0F", "home"),
            ("ES0000000000230004HG0F", None),
        ]
    )
]

EVERYTHING = """
[[floor]]
share = 0.9
reference = "current"
unit = "eur"
kinds = ["home"]

[[coefficient]]
members = ["M1", "ES0000000000230004HG0F"]
at_least = 0.0100005
at_most = 0.2000005

[[coefficient]]
members = ["M0"]
exactly = 0.1

[[group]]
name = "social housing"
members = ["M3"]
kinds = ["home"]
at_least = 0.15

[change]
each = 0.05
total = 0.2

[blocks]
kw = 0.5

[contribution]
yearly_cost_eur = 1200.50

[payback]
years = 8
"""


def test_everything_that_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(EVERYTHING, encoding="utf-8")

    assert read_limits_file(path).to_limits(MEMBERS, 80.0) == [
        Floor(0.9, Rule.CURRENT, in_euros=True, members=(0, 2)),
        CoefficientRange(10_001, 200_000, (1, 3)),
        FixedCoefficient(100_000, (0,)),
        Group("social housing", (0, 2, 3), 150_000, 1_000_000),
        ChangeLimit(50_000, 200_000),
        Blocks(160),
        ContributionLimit(1200.5),
        PaybackLimit(8.0, None),
    ]


def test_it_survives_as_json() -> None:
    document = parse_limits(
        {"floor": [{"share": "0.9"}], "blocks": {"count": 3}, "change": {"each": Decimal("0.05")}}
    )
    kept = document.model_dump(mode="json", exclude_defaults=True)

    assert kept == {"floor": [{"share": "0.9"}], "blocks": {"count": 3}, "change": {"each": "0.05"}}
    assert parse_limits(kept) == document


def test_nothing_asks_for_nothing() -> None:
    assert LimitsDocument().to_limits(MEMBERS, 80.0) == []


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"flor": []}, r"limits: flor: is no key that is known here"),
        ({"floor": [{"share": 1.5}]}, r"floor\.1\.share: has to be 1 at most"),
        ({"floor": [{"share": "NaN"}]}, r"floor\.1\.share: has to be a finite number"),
        ({"floor": [{"share": 0.5, "reference": "best"}]}, r"floor\.1\.reference: .* 'equal'"),
        (
            {"floor": [{"share": 0.5, "members": []}]},
            r"floor\.1\.members: may not be an empty list",
        ),
        (
            {"coefficient": [{"at_least": 0.3, "at_most": 0.2}]},
            r"the least, 0\.3, is above the greatest, 0\.2",
        ),
        ({"coefficient": [{"exactly": 0.3, "at_most": 0.2}]}, "give either exactly, or at_least"),
        ({"coefficient": [{"exactly": "0.1234567"}]}, "exactly 0.1234567 has more than six"),
        ({"group": [{"name": "a", "at_least": 0.1}]}, "a group needs members or kinds"),
        (
            {"group": [{"name": "a", "kinds": ["x"], "at_least": 0.3, "at_most": 0.2}]},
            "is above the greatest",
        ),
        ({"group": [{"name": "a\nb", "kinds": ["x"]}]}, r"group\.1\.name: .* is no name"),
        ({"group": [{"name": "a", "kinds": ["x"]}] * 2}, "group: two groups are called 'a'"),
        ({"group": [{"name": ""}]}, r"group\.1\.name: may not be empty"),
        ({"change": {"total": 3}}, r"change\.total: has to be 2 at most"),
        ({"blocks": {}}, "blocks: give exactly one of count and kw"),
        ({"blocks": {"count": 2, "kw": 1}}, "give exactly one of count and kw"),
        ({"blocks": {"kw": 0}}, r"blocks\.kw: has to be above 0"),
        ({"contribution": {"yearly_cost_eur": -1}}, "has to be 0 at least"),
        ({"payback": {"years": 0}}, r"payback\.years: has to be above 0"),
        ({"payback": 5}, r"payback: write its parts in braces"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(
    document: dict[str, object], says: str
) -> None:
    with pytest.raises(LimitsDocumentError, match=says):
        parse_limits(document)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(LimitsDocumentError) as caught:
        parse_limits({"floor": [{"share": 2}, {"share": -1}], "blocks": {"count": 0}})

    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "floor.1.share",
        "floor.2.share",
        "blocks.count",
    ]


def test_members_who_do_not_share_are_named() -> None:
    document = parse_limits(
        {"coefficient": [{"members": ["M1", "M9"], "kinds": ["home", "farm"], "at_most": 0.1}]}
    )

    with pytest.raises(UnknownMembersError, match="CUPS or kind M9, farm") as caught:
        document.to_limits(MEMBERS, 80.0)
    assert caught.value.names == ("M9", "farm")


def test_a_plant_that_is_no_whole_number_of_blocks_is_refused_with_what_would_do() -> None:
    document = parse_limits({"blocks": {"kw": 0.7}})

    with pytest.raises(LimitsDocumentError, match=r"80 kW are not .* 114 blocks of 0\.7018 kW"):
        document.to_limits(MEMBERS, 80.0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"floor = ", "limits.toml is not TOML"),
        (b"\xff", "limits.toml is not TOML"),
        (b"a = " + b"[" * 5000, "limits.toml is not TOML"),
        (b"#" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"a = " + b"1" * 5000, "limits.toml is not TOML"),
        (b"a = 1e99999999999999999999", "limits.toml is not TOML"),
        (b"a = 1e-99999999999999999999", "limits.toml is not TOML"),
        (b"a" + b".a" * 1001 + b" = 1", "line 1 has more than 1000 dots"),
    ],
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "limits.toml"
    path.write_bytes(content)

    with pytest.raises(LimitsDocumentError, match=says):
        read_limits_file(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitsDocumentError, match=r"none\.toml cannot be read"):
        read_limits_file(tmp_path / "none.toml")


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_bytes(b"\xef\xbb\xbf[blocks]\ncount = 3\n")

    assert read_limits_file(path).to_limits(MEMBERS, 80.0) == [Blocks(3)]


def test_names_reach_no_terminal_raw_and_long_lists_are_cut() -> None:
    strange = ["\x1b[31mM", *(f"X{number}" for number in range(9))]

    with pytest.raises(UnknownMembersError) as caught:
        parse_limits({"floor": [{"share": 1, "members": strange}]}).to_limits(MEMBERS, 80.0)
    assert r"\x1b[31mM, X0, X1, X2, X3, and 5 more" in str(caught.value)
    with pytest.raises(LimitsDocumentError) as refused:
        parse_limits({"\x1b[31m": 1, **{f"k{number}": 1 for number in range(9)}})
    assert "\x1b" not in str(refused.value)
    assert str(refused.value).endswith("and 5 more")
