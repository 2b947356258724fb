"""Errors in other languages: every text names a class and its attributes, in both of them."""

import inspect
import re
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from api.services.agreements.generate_agreement_files import UnfitFileError
from api.services.collection.agree_instalments import InstalmentSumError
from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_points import UnknownCupsError
from api.services.energy.month_sharing import NothingAppliedError
from api.services.invoices.billing_faults import (
    HeldBill,
    HeldBillsError,
    Missing,
    MissingKind,
    UnreadyRunError,
)
from api.services.invoices.find_invoices import UnknownNumberError
from api.services.proposals.find_proposal import UnknownProposalError
from api.services.sign_ups.publish_community import UnfitPageError
from api.services.sign_ups.sign_up import UnfitSignUpError
from api.services.studies.judge_candidates import UnknownCandidateError
from api.settings import InvalidSettingError
from loaders.atomic_files import UnwritableFileError
from loaders.certificate_files import UnfitCertificateError
from loaders.distributor_file_faults import FaultCode, FileFault
from loaders.faults import Fault, FaultyInputError
from models.repositories.readings import MissingMonthsError
from models.texts.errors import describe_error, read_errors
from models.values.cups import Cups
from models.values.errors import CommunityError, InvalidDataError
from models.values.language import Language
from models.values.metering import Channel
from models.values.names import InvalidNameError

ES, CA = Language.SPANISH, Language.CATALAN
KEYS = [(module, name) for module, errors in read_errors(ES).items() for name in errors]

LOST = "no consumption is stored of E2; E3: import it first"


def gaps_of(text: str) -> set[str]:
    """List what a text takes of its error, without what lies inside an attribute."""
    names = (name for _, name, _, _ in Formatter().parse(text) if name is not None)
    return {re.split(r"[.\[]", name)[0] for name in names}


def test_both_languages_know_the_same_errors() -> None:
    assert {module: set(errors) for module, errors in read_errors(CA).items()} == {
        module: set(errors) for module, errors in read_errors(ES).items()
    }


@pytest.mark.parametrize(("module", "name"), KEYS)
def test_every_text_is_of_an_error_that_has_what_it_takes(module: str, name: str) -> None:
    kind = getattr(import_module(module), name)
    assert issubclass(kind, CommunityError)
    assert kind.__module__ == module, "texts are found by the module in which the class stands"
    spanish, catalan = (read_errors(language)[module][name] for language in (ES, CA))
    assert gaps_of(spanish) == gaps_of(catalan)
    ours = [each for each in kind.__mro__ if issubclass(each, CommunityError)]
    made = "".join(inspect.getsource(each.__init__) for each in ours if "__init__" in vars(each))
    assert gaps_of(spanish) <= set(re.findall(r"self\.(\w+) = ", made))


@pytest.mark.parametrize(
    ("error", "spanish", "catalan"),
    [
        (
            UnknownProposalError(None),  # type: ignore[arg-type]
            "no existe tal propuesta",
            "no existeix aquesta proposta",
        ),
        (
            UnknownCommunityError("vila", ["horta"]),
            "no hay ninguna comunidad vila; su promotor tiene horta",
            "no hi ha cap comunitat vila; el seu promotor té horta",
        ),
        (
            UnknownCupsError(["ES0000000000000101GD0F"]),
            "no hay ningún ES0000000000000101GD0F aquí",
            "no hi ha cap ES0000000000000101GD0F aquí",
        ),
        (
            UnknownCandidateError(("R1", "R2")),
            "no están en la bolsa de reserva: R1, R2; nombre solo candidatos",
            "no són a la borsa de reserva: R1, R2; anomeneu només candidats",
        ),
        (
            UnfitSignUpError("yearly consumption"),
            "consumo anual: no tiene sentido; corríjalo, o no lo indique",
            "consum anual: no té sentit; corregiu-lo, o no l’indiqueu",
        ),
        (
            UnfitPageError("Spanish text", 10_000),
            "texto en español: está vacío, no se puede leer o pasa de 10000",
            "text en castellà: és buit, no es pot llegir o passa de 10000",
        ),
        (
            InvalidNameError("user", "\x1b" * 300),
            (
                "un nombre necesita de 1 a 200 caracteres que puedan mostrarse, no los de '"
                + "\\x1b" * 40
                + "'"
            ),
            "un nom necessita d’1 a 200 caràcters que es puguin mostrar, no els de '"
            + "\\x1b" * 40
            + "'",
        ),
        (
            UnwritableFileError(Path("o\x1bk"), "is full"),
            "no se puede escribir o\\x1bk: is full; elija otro sitio",
            "no es pot escriure o\\x1bk: is full; trieu un altre lloc",
        ),
        (
            NothingAppliedError("ES1", date(2026, 3, 1)),
            (
                "no consta nada aplicado en ES1 en 2026-03: anote qué días aplicó la distribuidora "
                "un acuerdo"
            ),
            (
                "no consta res aplicat a ES1 el 2026-03: anoteu quins dies la distribuïdora va "
                "aplicar un acord"
            ),
        ),
        (
            MissingMonthsError(Channel.CONSUMPTION, 2025, {"E1": tuple(range(1, 13)), "E2": (3,)}),
            "no hay consumo guardado de E1 en todo 2025; E2 en 2025-03: impórtelo antes",
            "no hi ha consum desat de E1 en tot 2025; E2 en 2025-03: importeu-lo abans",
        ),
        (
            UnreadyRunError([Missing(MissingKind.NO_PLAN, "E1", date(2026, 2, 1))]),
            (
                "la facturación no está lista: E1 desde 2026-02-01: adscríbalo a un plan de pago, "
                "o a uno gratuito"
            ),
            (
                "la facturació no està a punt: E1 des de 2026-02-01: adscriviu-lo a un pla de "
                "pagament, o a un de gratuït"
            ),
        ),
        (
            UnreadyRunError(
                [
                    Missing(MissingKind.NO_SAVINGS, "E1", date(2026, 2, 1), because=LOST),
                    Missing(MissingKind.PERIOD_NOT_OVER, "vila"),
                ]
            ),
            (
                "la facturación no está lista: E1 desde 2026-02-01 (no hay consumo guardado de E2; "
                "E3: impórtelo antes): anote su contrato con la comercializadora y aquello "
                "con lo que se hacen sus facturas; vila: espere a que acabe el periodo"
            ),
            (
                "la facturació no està a punt: E1 des de 2026-02-01 (no hi ha consum desat de E2; "
                "E3: importeu-lo abans): anoteu el seu contracte amb la comercialitzadora i allò "
                "amb què se’n fan les factures; vila: espereu que acabi el període"
            ),
        ),
        (
            HeldBillsError([HeldBill("E1", Decimal("210.00"), Decimal("12.10"))]),
            "revise estas facturas y nombre las correctas: E1: 210,00 EUR en vez de unos 12,10 EUR",
            (
                "reviseu aquestes factures i anomeneu les correctes: E1: 210,00 EUR en "
                "comptes d’uns 12,10 EUR"
            ),
        ),
        (
            UnknownNumberError("9\x1b"),
            "no hay ninguna factura '9\\x1b'",
            "no hi ha cap factura '9\\x1b'",
        ),
        (
            InstalmentSumError(Decimal("2000.00"), Decimal("12.10")),
            (
                "los plazos, cada uno mayor que cero, deben sumar los 12,10 EUR pendientes; suman "
                "2000,00 EUR"
            ),
            (
                "els terminis, cada un més gran que zero, han de sumar els 12,10 EUR pendents; "
                "sumen 2000,00 EUR"
            ),
        ),
        (
            UnfitCertificateError("it is valid from 2025-01-01 to 2026-01-01, not on 2026-11-22"),
            "no se puede usar el certificado: vale del 2025-01-01 al 2026-01-01, no el 2026-11-22",
            "no es pot usar el certificat: val del 2025-01-01 al 2026-01-01, no el 2026-11-22",
        ),
        (
            FaultyInputError(
                (
                    Fault("members.csv", "line 3", "member_id is empty"),
                    Fault("production.csv", None, "is missing"),
                )
            ),
            (
                "lo entregado tiene defectos: members.csv, línea 3: member_id está vacío; "
                "production.csv: falta"
            ),
            (
                "el que s’ha lliurat té defectes: members.csv, línia 3: member_id és buit; "
                "production.csv: falta"
            ),
        ),
        (
            InvalidSettingError("REPARTO_PORT: Input should be greater than or equal to 1"),
            "REPARTO_PORT: debe ser 1 o más",
            "REPARTO_PORT: ha de ser 1 o més",
        ),
        (
            UnfitFileError(
                [FileFault(3, FaultCode.MALFORMED_LINE, "the line is empty, should be a;b")]
            ),
            (
                "la distribuidora devolvería el fichero: fila 3: la línea está vacía, "
                "debería ser a;b"
            ),
            "la distribuïdora retornaria el fitxer: fila 3: la línia és buida, hauria de ser a;b",
        ),
        (InvalidDataError("of no kind"), "of no kind", "of no kind"),
    ],
)
def test_errors_speak_their_language(error: CommunityError, spanish: str, catalan: str) -> None:
    assert describe_error(error, ES) == spanish
    assert describe_error(error, CA) == catalan
    assert describe_error(error, Language.ENGLISH) == str(error)


def test_the_reason_inside_an_error_is_told_too() -> None:
    with pytest.raises(InvalidDataError) as caught:
        Cups("ES0000000000000103ZZ0F")
    assert describe_error(caught.value, ES) == (
        "CUPS 'ES0000000000000103ZZ0F': tiene letras de control ZZ, deberían ser GB"
    )
