"""The ground floor: errors, messages with their texts, and units.

Everything in Hallplan may import it; it imports nothing of Hallplan.
"""

__all__: list[str] = []
