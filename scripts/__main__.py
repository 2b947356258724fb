"""Run the command line as ``python -m scripts``, where nothing is installed."""

from scripts.cli import main

main()
