"""The ``gateway`` schema of Postgres."""
