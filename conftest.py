"""Fixtures of the shared kit for every test in the house."""

import codemuse  # noqa: F401 - folders bear the names of these packages; the packages must be known first
import orchestrator  # noqa: F401

pytest_plugins = ("codemuse.testing",)
