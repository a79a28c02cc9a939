"""Runs: reading, following, stopping."""
