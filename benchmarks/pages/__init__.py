"""Writers of the generated pages of the documentation."""

__all__: list[str] = []
