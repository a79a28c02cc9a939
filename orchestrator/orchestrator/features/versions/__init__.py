"""Versions of a repository that can be searched."""
