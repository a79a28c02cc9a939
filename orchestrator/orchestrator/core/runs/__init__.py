"""Durable runs: rows with a lease, steps that resume, events that are numbered, an outbox that wakes workers."""
