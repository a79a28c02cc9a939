"""Fixtures of the shared kit for every test in the house."""

pytest_plugins = ("codemuse.testing",)
