"""Rules that object to something in one file. A rule is a function from what a parser saw to findings."""
