"""The numerics: who gets which share of the sun, why no other shares do better, what it saves."""
