import pytest

from loaders.file_profile import (
    DEFAULT_PROFILE,
    FileProfile,
    HourDigits,
    LineEnd,
    RowOrder,
    UnknownProfileError,
    find_profile,
    read_profiles,
)
from models.values.calendar import HourIndex
from models.values.certainty import Certainty


def describe(profile: FileProfile) -> tuple[object, ...]:
    return (
        profile.line_end.text,
        profile.has_final_line_end,
        profile.hour_digits,
        profile.row_order,
        profile.hour_index,
        profile.certainty,
    )


def test_the_profiles_are_those_of_the_regulation_page() -> None:
    four, clock = HourDigits.FOUR, HourIndex.CLOCK
    assert {name: describe(profile) for name, profile in read_profiles().items()} == {
        "default": ("\r\n", True, four, RowOrder.HOUR, clock, Certainty.RECALLED),
        "real-time-hours": (
            *("\r\n", True, four, RowOrder.HOUR),
            *(HourIndex.REAL_TIME, Certainty.RECALLED),
        ),
        "plain-hours": (
            *("\r\n", True, HourDigits.AS_NEEDED, RowOrder.HOUR),
            *(clock, Certainty.DERIVED),
        ),
        "crlf-open-end": ("\r\n", False, four, RowOrder.HOUR, clock, Certainty.VERIFIED),
        "lf": ("\n", True, four, RowOrder.HOUR, clock, Certainty.VERIFIED),
        "lf-open-end-by-supply": ("\n", False, four, RowOrder.SUPPLY, clock, Certainty.VERIFIED),
    }


def test_every_profile_knows_its_name_and_where_it_is_from() -> None:
    assert all(name == profile.name for name, profile in read_profiles().items())
    assert all(profile.source for profile in read_profiles().values())
    assert find_profile("default") is DEFAULT_PROFILE
    assert LineEnd("lf") is find_profile("lf").line_end


def test_other_names_are_refused() -> None:
    with pytest.raises(UnknownProfileError, match="'i-DE'; choose one of default, ") as caught:
        find_profile("i-DE")
    assert caught.value.name == "i-DE"
