"""The two engines: the SimPy reference and the compiled one."""

__all__: list[str] = []
