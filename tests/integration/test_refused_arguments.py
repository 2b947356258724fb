"""Arguments that are refused: in the language that is spoken."""

import pytest

from tests.support.command_line import Reparto


@pytest.mark.parametrize(
    ("language", "arguments", "told"),
    [
        ("es", ("collection", "creditor"), ("Uso: ", "Falta el argumento", "Vea la ayuda: ")),
        ("ca", ("collection", "creditor"), ("Ús: ", "Falta l’argument", "Vegeu l’ajuda: ")),
        ("es", ("collection", "open", "--bogus"), ("No existe la opción --bogus",)),
        ("es", ("collectio",), ("No existe la orden 'collectio'.", "Vea la ayuda: ")),
        ("ca", ("collectio",), ("No existeix l’ordre 'collectio'.",)),
        (
            "es",
            ("collection", "open", "--on", "x"),
            ("Valor no válido para '--on': 'x' no es una fecha",),
        ),
        ("es", ("collection", "payments", "--limit", "x"), ("'--limit': no es un número entero",)),
        ("en", ("collection", "creditor"), ("Usage: ", "Missing argument", "Try ")),
    ],
)
def test_what_is_wrong_with_a_command(
    reparto: Reparto, language: str, arguments: tuple[str, ...], told: tuple[str, ...]
) -> None:
    done = reparto("--language", language, *arguments)
    assert done.code == 2
    assert [each for each in told if each not in done.err] == []


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("es", "identificador del acreedor 'ES00ZZZ123': tiene dígitos de control 00, deberían"),
        ("ca", "identificador del creditor 'ES00ZZZ123': té dígits de control 00, haurien"),
    ],
)
def test_what_is_wrong_with_an_identifier(reparto: Reparto, language: str, told: str) -> None:
    done = reparto("--language", language, "collection", "creditor", "ES00ZZZ123")
    assert told in done.err
