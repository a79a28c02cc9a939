"""Judging where a repository would come from, before anything is fetched."""
