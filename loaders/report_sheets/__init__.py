"""The sheets of the report workbook, one file each."""
