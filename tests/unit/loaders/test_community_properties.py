import json
from pathlib import Path
from typing import Any

import pytest

from loaders.community_folder import read_community_folder
from tests.support.community_folders import build_community_year, make_cau, write_folder
from tests.support.faults import faults_of


def change(folder: Path, **changes: Any) -> None:
    """Set fields of community.json; ``...`` takes one away."""
    path = folder / "community.json"
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not ...}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ...}, "id is missing, should be a text"),
        ({"id": ""}, "id is ''; give a printable text"),
        ({"id": "a\nb"}, "id is 'a\\nb'; give a printable text"),
        ({"id": "\ud800"}, "id is '\\ud800'; give a printable text"),
        ({"id": "a" * 101}, "id has 101 characters, more than 100"),
        ({"id": 7}, "id is 7, should be a text"),
        ({"name": None}, "name is missing, should be a text"),
        ({"cau": "ES"}, "cau is 'ES', which has 2 characters, not 26"),
        ({"cau": []}, "cau is a list, should be a text"),
        (
            {"timezone": "Paris"},
            "timezone is 'Paris', should be one of Europe/Madrid, Africa/Ceuta, Atlantic/Canary",
        ),
        (
            {"zone": "canarias"},
            "zone is canarias, which does not keep the time of Europe/Madrid",
        ),
        (
            {"zone": {}},
            "zone is an object, should be one of peninsula, baleares, canarias, ceuta, melilla",
        ),
        ({"year": "2023"}, "year is '2023', should be a whole number"),
        ({"year": True}, "year is True, should be a whole number"),
        ({"year": 2023.0}, "year is 2023.0, should be a whole number"),
        ({"year": 1999}, "year is 1999, not between 2000 and 2100"),
        ({"step": "PT30M"}, "step is 'PT30M', should be one of PT1H, PT15M"),
        ({"pv_kw": 0}, "pv_kw is 0, not above zero"),
        ({"pv_kw": -1}, "pv_kw is -1, not between 0 and 2147483.647"),
        ({"pv_kw": True}, "pv_kw is True, should be a number"),
        ({"pv_kw": "80"}, "pv_kw is '80', should be a number"),
        ({"pv_kw": 10**30}, "pv_kw is 10000000000000000000..., not between 0 and 2147483.647"),
        ({"lat": 91}, "lat is 91, not between -90 and 90"),
        ({"lon": "x"}, "lon is 'x', should be a number"),
        ({"caus": []}, "caus is not a list of installations; leave it out when there is one"),
        ({"caus": "x"}, "caus is not a list of installations; leave it out when there is one"),
    ],
)
def test_one_wrong_field_is_one_fault(folder: Path, changes: dict[str, Any], reason: str) -> None:
    change(folder, **changes)
    assert [text for text in faults_of(folder) if text.startswith("community.json")] == [
        f"community.json: {reason}"
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "line 1: is not JSON (Expecting value)"),
        (b"{", "line 1: is not JSON (Expecting property name enclosed in double quotes)"),
        (b"[]", "is not a JSON object"),
        (b'{"pv_kw": NaN}', "holds NaN, which is not JSON"),
        (b'{"pv_kw": -Infinity}', "holds -Infinity, which is not JSON"),
        (b'{"a": 1, "a": 2}', "key 'a' stands twice in one object"),
        (b'{"id": "\xf1"}', "line 1: is not UTF-8 text"),
        (b'{"id":\n "\0"}', "line 2: holds a NUL character"),
        (b"[" * 100_000, "is nested too deep"),
        (b'{"year": ' + b"1" * 5000 + b"}", "holds a number with too many digits"),
    ],
)
def test_what_is_no_json_object_is_one_fault(folder: Path, content: bytes, fault: str) -> None:
    (folder / "community.json").write_bytes(content)
    separator = ", " if fault.startswith("line") else ": "
    assert faults_of(folder) == [f"community.json{separator}{fault}"]


def test_an_overflowing_power_is_a_fault(folder: Path) -> None:
    path = folder / "community.json"
    path.write_text(path.read_text().replace("10.0", "1e400"))
    assert faults_of(folder) == ["community.json: pv_kw is inf, not between 0 and 2147483.647"]


def test_a_missing_file_is_a_fault(folder: Path) -> None:
    (folder / "community.json").unlink()
    assert faults_of(folder) == ["community.json: is missing"]


def test_a_mark_at_the_beginning_and_unknown_fields_are_accepted(folder: Path) -> None:
    change(folder, remark="x")
    path = folder / "community.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_community_folder(folder).community_id == "test-1"


@pytest.mark.parametrize(
    ("timezone", "zone"),
    [
        ("Europe/Madrid", "baleares"),
        ("Europe/Madrid", "ceuta"),
        ("Africa/Ceuta", "melilla"),
        ("Africa/Ceuta", "ceuta"),
    ],
)
def test_zones_go_with_their_clock(folder: Path, timezone: str, zone: str) -> None:
    change(folder, timezone=timezone, zone=zone)
    community = read_community_folder(folder)
    assert (community.timezone, community.zone.value) == (timezone, zone)


def plants(*caus: str) -> list[dict[str, object]]:
    return [{"cau": cau, "pv_kw": 5} for cau in caus]


@pytest.mark.parametrize(
    ("caus", "fault"),
    [
        ([3], ", caus, item 1: is not an object"),
        (plants(make_cau(1), "x"), ", caus, item 2: cau is 'x', which has 1 characters, not 26"),
        (plants(make_cau(1), make_cau(1)), f": caus lists {make_cau(1)} twice"),
        (plants(make_cau(2)), f": caus does not list {make_cau(1)}, the community's own cau"),
        ([{"cau": make_cau(1), "pv_kw": 0}], ", caus, item 1: pv_kw is 0, not above zero"),
    ],
)
def test_faults_of_the_list_of_installations(folder: Path, caus: list[object], fault: str) -> None:
    change(folder, caus=caus)
    assert faults_of(folder) == [f"community.json{fault}"]


def test_the_communitys_own_installation_comes_first(tmp_path: Path) -> None:
    community = build_community_year(n_installations=3)
    folder = write_folder(community, tmp_path)
    change(folder, cau=make_cau(3))
    read = read_community_folder(folder)
    assert [plant.cau for plant in read.installations] == [make_cau(n) for n in (3, 1, 2)]
    assert (read.generation_kwh == community.generation_kwh[[2, 0, 1]]).all()


def test_a_list_of_one_installation_keeps_the_column_kwh(folder: Path) -> None:
    change(folder, caus=plants(make_cau(1)))
    assert [plant.pv_kw for plant in read_community_folder(folder).installations] == [5.0]
