"""From imports as they are written to the files that they mean."""
