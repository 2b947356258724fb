"""Files that banks take and give: direct debits out, statements and status reports in."""
