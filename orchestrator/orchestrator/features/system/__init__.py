"""What anybody may know, and what operators look at."""
