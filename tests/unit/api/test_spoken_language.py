"""Which language a caller prefers, from a header that may hold anything."""

import pytest

from api.spoken_language import choose_language
from models.values.language import Language


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("ES-es", "es"),
        ("ca-valencia", "ca"),
        ("es-ES,es;q=0.9,ca;q=0.95", "es"),
        ("es;q=0.8, ca;q=0.9, en;q=0.7", "ca"),
        ("ca ; q=0.5 , es ; q=0.5", "ca"),
        ("fr, de;q=0.9", "en"),
        ("gl, ca;q=0.2, fr;q=0.9", "ca"),
        ("*", "en"),
        ("es;q=0.3, *;q=0.4", "en"),
        ("es;q=0", "en"),
        ("es;q=1.0", "es"),
        ("es;q=1.5, ca;q=0.1", "ca"),
        ("es;q=nan, es;q=-1, ca;q=0.001", "ca"),
        ("es;x=y, ca", "ca"),
        ("\x00, es\r\nx: y", "en"),
        (",,,;;;q==, ca", "ca"),
        ("fr," * 300 + "es", "en"),
    ],
)
def test_the_weightiest_language_of_ours_is_chosen(header, expected):
    assert choose_language(header, Language.ENGLISH) == expected


def test_a_header_that_names_none_of_ours_leaves_the_installations_own():
    assert choose_language("fr", Language.CATALAN) is Language.CATALAN
    assert choose_language("*", Language.CATALAN) is Language.CATALAN
    assert choose_language("es;q=0", Language.CATALAN) is Language.CATALAN
