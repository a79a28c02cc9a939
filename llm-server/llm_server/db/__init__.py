"""Tables of llm-server: Postgres schema ``llm``."""
