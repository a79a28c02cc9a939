"""Mechanisms of the orchestrator that several features stand on."""
