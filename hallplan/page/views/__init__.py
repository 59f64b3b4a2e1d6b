"""The parts of the page, one a module: each draws what it is given and turns clicks into decisions."""

__all__: list[str] = []
