"""Definitions, and which names exist at all."""
