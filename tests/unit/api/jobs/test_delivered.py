from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from api.jobs.delivered import _address_of


def test_an_address_is_written_as_the_driver_reads_it():
    url = make_url("postgresql+psycopg://ana:a%20b%2B%40@h:5/d?options=-c%20search_path%3Dx+")
    assert conninfo_to_dict(_address_of(url)) == {
        "application_name": "reparto worker",
        "options": "-c search_path=x ",
        "host": "h",
        "port": "5",
        "dbname": "d",
        "user": "ana",
        "password": "a b+@",
    }


def test_a_socket_and_a_name_of_ones_own_are_kept():
    url = make_url("postgresql+psycopg://ana@/d?host=/run/pg&application_name=mine")
    assert conninfo_to_dict(_address_of(url)) == {
        "application_name": "mine",
        "host": "/run/pg",
        "dbname": "d",
        "user": "ana",
    }
