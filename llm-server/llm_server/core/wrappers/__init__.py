"""Capabilities: each a provider around providers."""
