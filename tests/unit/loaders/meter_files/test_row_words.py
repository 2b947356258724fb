"""Why rows are not taken is told in every language: every reason that has a name."""

import pytest

from loaders.meter_files.stamps import StampFault
from loaders.meter_files.watt_hours import EnergyFault
from models.texts.phrases import translate
from models.values.language import Language

STAMPS = [f"'2024/13/02 25:00': {fault.reason}" for fault in StampFault if fault]
ENERGIES = [f"consumption is '-4,716', {fault.reason}" for fault in EnergyFault if fault]
ROW = '"ES0031300000000001EX0F";"2024/01/01"'


@pytest.mark.parametrize("language", [Language.SPANISH, Language.CATALAN])
@pytest.mark.parametrize("reason", [*STAMPS, *ENERGIES])
def test_every_reason_has_words(reason: str, language: Language) -> None:
    told = translate(reason, language)
    assert told != reason
    whole = (
        f"2 faults in the input\nenero.csv, line 26: {reason} (the row begins {ROW})\nand 3 more"
    )
    first, second, third = translate(whole, language).split("\n")
    assert first.startswith("2 defect")
    assert second.startswith("enero.csv, l")
    assert f" 26: {told} (la fila " in second
    assert second.endswith(f" {ROW})")
    assert third in ("y 3 más", "i 3 més")
