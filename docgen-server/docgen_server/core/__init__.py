"""Mechanisms of docgen-server that know nothing of HTTP or tables."""
