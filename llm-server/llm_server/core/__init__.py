"""Mechanisms of llm-server."""
