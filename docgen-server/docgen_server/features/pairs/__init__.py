"""What search can be asked about a snapshot, and what answers it."""
