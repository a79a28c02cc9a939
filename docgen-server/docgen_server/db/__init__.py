"""Tables of docgen-server: Postgres schema ``docgen``."""
