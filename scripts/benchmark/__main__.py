"""Run the benchmark as ``python -m scripts.benchmark``."""

from scripts.benchmark.command import app

app()
