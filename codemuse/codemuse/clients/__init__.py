"""Typed clients of the internal services; the only way one service reaches another."""
