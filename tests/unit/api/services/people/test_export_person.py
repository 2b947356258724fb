"""Every column of bytes that an export meets is opened, told elsewhere, or secret."""

from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

from api.services.people import export_person
from models.personal_data import Keys, read_inventory

OF_OTHERS_TOO = {
    Keys.AGREEMENTS,
    Keys.RUNS,
    Keys.UPLOADS,
    Keys.PROPOSALS,
    Keys.DRAFTS,
    Keys.STUDIES,
}


def test_no_bytes_are_left_without_a_reader():
    found = {
        (entry.name, column.name)
        for entry in read_inventory().values()
        for column in SQLModel.metadata.tables[entry.name].columns
        if isinstance(column.type, LargeBinary)
        and column.name not in entry.secret
        and set(entry.of.values()) - OF_OTHERS_TOO
    }
    told = export_person._ELSEWHERE | export_person._READERS.keys()
    assert found - told == set()
    assert export_person._READERS.keys() - found == set()
