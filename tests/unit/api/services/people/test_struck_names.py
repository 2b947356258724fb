"""Names struck out of texts and documents, and nothing else."""

import pytest

from api.services.people.struck_names import StruckNames

STRUCK = StruckNames(
    {"Ana": "erased", "Ana Puig": "erased", "ES0021000000000001RK": "ES0", "M-12": "m", " ": "x"}
)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Ana", "erased"),
        ("ANA PUIG", "erased"),
        ("for Ana Puig: paid", "for erased: paid"),
        ("Anabel and Ana", "Anabel and Ana"),
        ("Ana Puigdemont", "Ana Puigdemont"),
        ("es0021000000000001rk;1,5", "ES0;1,5"),
        ("ES0021000000000001RK0F", "ES0021000000000001RK0F"),
        ("M-12, M-123", "m, M-123"),
        (" ", " "),
    ],
)
def test_a_name_is_struck_out_where_it_is_one(text, mended):
    assert STRUCK.mend(text) == mended
    assert STRUCK.tells(text) == (text != mended)


def test_documents_keep_their_form():
    document = {"Ana": [1, None, True, {"x": "M-12"}], "sum": 1.5}
    assert STRUCK.mend(document) == {"erased": [1, None, True, {"x": "m"}], "sum": 1.5}
    assert not STRUCK.tells({"sum": [1, "Anabel"]})


def test_short_names_alone_are_found_only_whole():
    short = StruckNames({"M1": "x"})
    assert short.mend(["M1", "for M1"]) == ["x", "for M1"]
    assert StruckNames({}).mend("M1") == "M1"
