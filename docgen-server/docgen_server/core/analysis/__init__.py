"""From the bytes of one file to its facts, in one parse and without touching disk, network or clock."""

ANALYSER_VERSION = 9
"""Part of the identity of stored facts: raise it when the same bytes give other facts."""
