"""The gateway that people and CI jobs talk to, and the worker that carries out durable runs."""
