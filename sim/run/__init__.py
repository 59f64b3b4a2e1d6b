"""Replicating: which replications of which scenarios, by how many workers."""

__all__: list[str] = []
