"""From files to a scenario and back: reading, merging, levers, and writing."""

__all__: list[str] = []
