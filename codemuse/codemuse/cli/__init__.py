"""The command line: for people in a terminal and for CI jobs."""
