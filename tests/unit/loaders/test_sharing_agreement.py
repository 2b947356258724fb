import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.distributor_file import UnfitCoefficientsError, format_constant_file
from loaders.sharing_agreement import (
    LANGUAGES,
    Participant,
    ShareOfHours,
    SharingAgreement,
    gather_inputs,
    render_sharing_agreement,
    summarise_hours,
)
from loaders.typst_pages import read_template, read_texts
from models.values.errors import InvalidDataError
from models.values.language import Language
from models.values.modality import Modality
from tests.support.community_folders import make_cau, make_cups
from tests.support.distributor_files import draw_shares

SPANISH, CATALAN = Language.SPANISH, Language.CATALAN
CAU = make_cau(1)


def build_agreement(
    n_participants: int = 3, name: str = "Núria Peña i Íñiguez"
) -> SharingAgreement:
    shares = [1_000_000 // n_participants] * n_participants
    shares[-1] += 1_000_000 - sum(shares)
    cups = [make_cups(number) for number in range(n_participants)]
    return SharingAgreement(
        cau=CAU,
        installation_name="Pavelló municipal",
        power_w=98_500,
        modality=Modality.COMPENSATED_SURPLUS,
        participants=tuple(
            Participant(f"{name} {number}", each, share)
            for number, (each, share) in enumerate(zip(cups, shares, strict=True), 1)
        ),
        file_name=f"{CAU}_2027.txt",
        file_sha256=sha256(format_constant_file(CAU, 2027, cups, shares)).hexdigest(),
        file_year=2027,
        dated_on=date(2026, 11, 21),
    )


def build_hourly(seed: int = 1) -> SharingAgreement:
    agreement = build_agreement()
    summaries = summarise_hours(draw_shares(3, seed))
    participants = zip(agreement.participants, summaries, strict=True)
    return replace(
        agreement,
        participants=tuple(replace(each, share=summary) for each, summary in participants),
    )


def ask(content: SharingAgreement, language: Language, selector: str) -> Any:
    """Ask typst for elements of the page."""
    template = read_template("loaders.sharing_agreement")
    inputs = gather_inputs(content, language)
    return json.loads(typst.query(template, selector, ignore_system_fonts=True, sys_inputs=inputs))


def gather_texts(element: Any) -> list[str]:
    """List all texts inside an element, in order."""
    if isinstance(element, list):
        return [text for each in element for text in gather_texts(each)]
    if not isinstance(element, dict):
        return []
    own = [element["text"]] if element.get("func") == "text" and "text" in element else []
    return own + [text for value in element.values() for text in gather_texts(value)]


def count_pages(content: SharingAgreement, language: Language = SPANISH) -> int:
    (pages,) = ask(content, language, "<pages>")
    return int(pages["value"])


def test_the_table_carries_the_coefficients_of_the_file() -> None:
    content = build_agreement()
    shares, signatures = map(gather_texts, ask(content, SPANISH, "table"))
    names = [each.name for each in content.participants]
    cups = [each.cups for each in content.participants]

    assert shares == [
        *("N.º", "Participante", "CUPS", "Coeficiente β"),
        *("1", names[0], cups[0], "0,333333"),
        *("2", names[1], cups[1], "0,333333"),
        *("3", names[2], cups[2], "0,333334"),
        *("Suma", "1,000000"),
    ]
    assert [text for text in signatures if text.strip()] == [
        *("N.º", "Participante", "Fecha", "Firma"),
        *("1", names[0], cups[0]),
        *("2", names[1], cups[1]),
        *("3", names[2], cups[2]),
    ]


def test_the_installation_and_the_file_are_named() -> None:
    content = build_agreement()
    installation, file = (
        gather_texts(ask(content, SPANISH, label)) for label in ("<installation>", "<file>")
    )

    assert installation == [
        *("Nombre", "Pavelló municipal"),
        *("Código de autoconsumo (CAU)", CAU),
        *("Potencia instalada", "98,5 kW"),
        *("Modalidad", "Autoconsumo con excedentes acogida a compensación"),
        *("Participantes", "3"),
        *("Año del fichero", "2027"),
        *("Fecha del documento", "21/11/2026"),
    ]
    assert file == ["Fichero", f"{CAU}_2027.txt", "SHA-256", content.file_sha256]


def test_an_hourly_agreement_sums_up_the_hours() -> None:
    content = build_hourly()
    table, _ = map(gather_texts, ask(content, CATALAN, "table"))
    shares = draw_shares(3, seed=1)

    assert table[:6] == ["Núm.", "Participant", "CUPS", "Mínim", "Mitjana", "Màxim"]
    assert table[9:12:2] == [f"0,{shares[0].min():06d}", f"0,{shares[0].max():06d}"]
    assert table[-4:] == ["Suma", "", "1,000000", ""]
    means = [int(table[6 + 6 * row + 4].replace(",", "")) for row in range(3)]
    assert sum(means) == 1_000_000
    assert np.abs(np.array(means) - shares.mean(axis=1)).max() < 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_law_is_cited_in_every_language(language: Language) -> None:
    texts = json.loads(gather_inputs(build_agreement(), language)["data"])["texts"]
    for cited in ("4.3", "244/2019", "BOE-A-2019-5089", "TED/1247/2021", "BOE-A-2021-18706"):
        assert cited in texts["basis"]
    effect = " ".join(texts["clauses"]["effect"])
    assert "10" in effect
    assert "11" in effect


def keys_of(value: Any) -> Any:
    return {key: keys_of(each) for key, each in value.items()} if isinstance(value, dict) else None


def test_both_languages_have_the_same_texts() -> None:
    spanish, catalan = (read_texts("loaders.sharing_agreement", each) for each in LANGUAGES)
    assert keys_of(spanish) == keys_of(catalan)
    assert set(spanish["modalities"]) == set(Modality)
    assert len(spanish["clauses"]["effect"]) == len(catalan["clauses"]["effect"])


@pytest.mark.parametrize("content", [build_agreement(), build_hourly()])
@pytest.mark.parametrize("language", LANGUAGES)
def test_equal_content_makes_equal_bytes(content: SharingAgreement, language: Language) -> None:
    pdf = render_sharing_agreement(content, language)
    assert pdf.startswith(b"%PDF-")
    assert pdf == render_sharing_agreement(content, language)
    assert b"CreationDate(D:20261121" in pdf
    assert pdf != render_sharing_agreement(replace(content, dated_on=date(2026, 11, 22)), language)


def test_a_hundred_participants_fill_pages_soon() -> None:
    content = build_agreement(100)
    started = perf_counter()
    pdf = render_sharing_agreement(content, SPANISH)
    assert perf_counter() - started < 5  # about 0.2 on a quiet machine

    assert count_pages(build_agreement(3)) == 2
    assert count_pages(content) == 10
    assert pdf.count(b"/Type/Page/") + pdf.count(b"/Type/Page\n") == 10


HOSTILE = [
    '#panic("x")',
    '"), #read("/etc/passwd")',
    "*bold* _it_ $x$ @ref <label> `raw` // no\\u{41}",
    "]]})",
    "{page} {day}",
    "=HYPERLINK(1)",
    "W" * 200,
    "a\n#let x = 1\r\tb",
    "名前 🌞",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_never_markup(name: str) -> None:
    content = build_agreement(2, name)
    table, _ = map(gather_texts, ask(content, SPANISH, "table"))
    shown = [text.replace("\u200b", "") for text in table]

    assert (shown[5], shown[9]) == (f"{name} 1", f"{name} 2")
    assert render_sharing_agreement(content, SPANISH).startswith(b"%PDF-")


@settings(max_examples=25, deadline=None)
@given(name=st.text(max_size=60))
def test_any_name_can_be_rendered(name: str) -> None:
    content = replace(build_agreement(1, name), installation_name=name)
    assert render_sharing_agreement(content, CATALAN).startswith(b"%PDF-")


def test_coefficients_that_cannot_be_agreed_are_refused() -> None:
    content = build_agreement()
    first, *others = content.participants
    off = replace(content, participants=(replace(first, share=333_334), *others))
    with pytest.raises(UnfitCoefficientsError, match="sum to 1000001 millionths") as caught:
        render_sharing_agreement(off, SPANISH)
    assert (caught.value.cau, caught.value.total_millionths) == (CAU, 1_000_001)

    mixed = replace(first, share=ShareOfHours(0, 333_333, 1_000_000))
    with pytest.raises(UnfitCoefficientsError, match="constant for some, hourly for others"):
        render_sharing_agreement(replace(content, participants=(mixed, *others)), SPANISH)
    with pytest.raises(UnfitCoefficientsError, match="sum to 0 millionths"):
        render_sharing_agreement(replace(content, participants=()), SPANISH)
    below = (replace(first, share=-1), replace(others[0], share=1_000_001))
    with pytest.raises(InvalidDataError, match="is not between 0 and 1"):
        render_sharing_agreement(replace(content, participants=below), SPANISH)


@given(seed=st.integers(0, 1000), n_members=st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_means_sum_to_one_and_are_next_to_the_exact_ones(seed: int, n_members: int) -> None:
    shares = draw_shares(n_members, seed)
    summaries = summarise_hours(shares)
    assert sum(each.mean for each in summaries) == 1_000_000
    for row, each in zip(shares.tolist(), summaries, strict=True):
        assert (each.least, each.greatest) == (min(row), max(row))
        assert abs(each.mean * len(row) - sum(row)) < len(row)
