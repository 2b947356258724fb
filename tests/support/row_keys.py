"""Keys by which the sound rows of all tables refer to each other."""

from uuid import uuid4

NOW = "2024-03-01 09:30:00.000000"
NAMES = (
    "promoter community installation member point other_point application job proposal"
    " agreement allocation issuer plan subscription series run invoice mandate account"
    " debit_run debit registered record submission message user notice"
)
IDS = {name: uuid4().hex for name in NAMES.split()}
TENANT = {"promoter_id": IDS["promoter"]}
