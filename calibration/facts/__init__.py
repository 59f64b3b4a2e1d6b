"""Published figures: what was said, what follows from it, and what contradicts it."""

__all__: list[str] = []
