"""Commits of repositories: which files they have and what stands in them."""
