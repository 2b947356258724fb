"""What SQLite must know to plan queries well: a promoter has very many rows.

Every query names its promoter. Without statistics SQLite expects ten rows of whatever an index
finds by one column, and reads all that a promoter has to find one meter's month. PostgreSQL counts
by itself.
"""

from sqlalchemy import Connection

_TABLE_ROWS, _PROMOTER_ROWS = 1_000_000, 100_000

_FIND = """
SELECT tables.name, indexes.name, (SELECT count(*) FROM pragma_index_info(indexes.name))
FROM sqlite_master AS tables, pragma_index_list(tables.name) AS indexes,
    pragma_index_info(indexes.name) AS columns
WHERE tables.type = 'table' AND columns.seqno = 0 AND columns.name = 'promoter_id'
    AND indexes.name NOT IN (SELECT idx FROM sqlite_stat1 WHERE idx IS NOT NULL)
"""


def state_statistics(connection: Connection) -> None:
    """State how much the indexes by promoter find; what ANALYZE has counted there stays."""
    if connection.dialect.name != "sqlite":
        return
    # Makes the table of statistics, and counts nothing.
    connection.exec_driver_sql("ANALYZE sqlite_schema")
    for table, index, n_columns in connection.exec_driver_sql(_FIND).all():
        # Rows of the index, then what is left of them by each further column.
        stat = f"{_TABLE_ROWS} {_PROMOTER_ROWS}" + " 1" * (n_columns - 1)
        connection.exec_driver_sql(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", (table, index, stat)
        )
