"""Texts in the SEPA characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.sepa.character_set import UnwritableTextError, to_sepa_text

ALLOWED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Factura F2026/0007, noviembre", "Factura F2026/0007, noviembre"),
        ("Peña Güell, L'Hospitalet", "Pena Guell, L'Hospitalet"),
        ("Col·lectiu Çà i Llà", "Col.lectiu Ca i Lla"),
        ("A & B; [c] {d} e_f|g\\h", "A + B, (c) (d) e-f/g/h"),
        ("12 € 50 % ½ nº 3ª", "12 E 50 . 1.2 no 3a"),
        ("“així” `o’ ´o‘ –—", ".aixi. 'o' 'o' --"),
        ("Straße Łódź Æsop œuvre Đuro Ørsted", "Strase Lodz AEsop oeuvre Duro Orsted"),
        ("  a \t\n b  ", "a b"),
        ("//a//b//", "a/b"),
        ("¿Qué? ¡Ya!", "?Que? .Ya."),
        ("Київ 1", ".... 1"),
    ],
)
def test_what_becomes_of_texts(text: str, written: str) -> None:
    assert to_sepa_text(text, 140) == written


def test_a_long_text_is_cut_without_a_space_or_slash_at_the_end() -> None:
    assert to_sepa_text("abc def", 4) == "abc"
    assert to_sepa_text("abc/def", 4) == "abc"


@pytest.mark.parametrize("text", ["", "   ", "///", "...", "💶", "Київ", "." * 5 + "A"])
def test_a_text_of_which_nothing_is_left_is_refused(text: str) -> None:
    with pytest.raises(UnwritableTextError) as refusal:
        to_sepa_text(text, 5)
    assert refusal.value.text == text


@given(text=st.text(max_size=200), most=st.integers(1, 140))
def test_any_text_is_written_or_refused(text: str, most: int) -> None:
    try:
        written = to_sepa_text(text, most)
    except UnwritableTextError:
        return
    assert 0 < len(written) <= most
    assert set(written) <= ALLOWED
    assert written == written.strip(" /")
    assert "//" not in written
    assert to_sepa_text(written, most) == written
