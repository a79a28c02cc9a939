"""What callers can ask for, one folder a noun."""
