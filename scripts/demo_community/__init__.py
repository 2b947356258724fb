"""The demonstration community: invented neighbours, weather and prices of one year.

Everything follows from a seed; no file and no network is read.
"""

from scripts.demo_community.community import generate_demo_community

__all__ = ["generate_demo_community"]
