"""What is asked of remote services: readings of Datadis, prices of ESIOS and OMIE."""
