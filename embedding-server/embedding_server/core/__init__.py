"""Mechanisms of the service: weights, backends, scheduling, the registry of models."""
