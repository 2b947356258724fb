"""What takes the place of a person's names in the rows that stay."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from api.services.collection.sealed_files import ERASED_FILE, seal_file
from api.services.people.find_person import name_erased_member, name_erased_point
from api.services.people.struck_names import STRUCK
from models.keyring import Keyring
from models.personal_data import Blank, PersonalTable
from models.sealed_ibans import name_place, seal_iban
from models.values.iban import Iban

_NO_ACCOUNT = Iban("ES8200000000000000000000")
"""An account of no bank."""

_SEALED, _INDEX, _MASKED = "sealed_iban", "iban_index", "masked_iban"

_BY_ROW: Mapping[Blank, Callable[[UUID], Any]] = {
    Blank.NOTHING: lambda _: None,
    Blank.ONE: lambda _: 1,
    Blank.WORD: lambda _: STRUCK,
    Blank.CODE: name_erased_member,
    Blank.CUPS: name_erased_point,
    Blank.REFERENCE: lambda key: f"ERASED-{key.hex[:20].upper()}",
}


class RowBlanker:
    """Whoever blanks the rows of one promoter.

    Parameters
    ----------
    keyring : Keyring
        What seals.
    promoter_id : UUID
        The tenant.
    """

    def __init__(self, keyring: Keyring, promoter_id: UUID) -> None:
        self._keyring = keyring
        self._promoter_id = promoter_id

    def blank(self, entry: PersonalTable, row: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what takes the place of a row's names.

        Parameters
        ----------
        entry : PersonalTable
            What the inventory says of its table.
        row : mapping of str to object
            The row.

        Returns
        -------
        dict of str to object
            Values by column.
        """
        key: UUID = row["id"]
        values: dict[str, Any] = {}
        for column, token in entry.blank.items():
            if token is Blank.FILE:
                values[column] = seal_file(self._keyring, ERASED_FILE, run_id=key)
            elif token is Blank.EMAIL:
                parties = row[column]
                values[column] = parties | {"recipient": parties["recipient"] | {"email": None}}
            elif token is Blank.ACCOUNT:
                values |= self._seal_nothing(entry.name, key)
            else:
                values[column] = _BY_ROW[token](key)
        return values

    def _seal_nothing(self, table: str, key: UUID) -> dict[str, Any]:
        kept = seal_iban(
            self._keyring,
            _NO_ACCOUNT,
            place=name_place(table, _SEALED, key),
            promoter_id=self._promoter_id,
        )
        return {_SEALED: kept.sealed, _INDEX: kept.index, _MASKED: kept.masked}
