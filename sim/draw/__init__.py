"""Everything random about one replication, drawn up front."""

__all__: list[str] = []
