"""What is simulated: the scenario format, its composition and levers, and the built-in library.

In come TOML files written by people; out come validated, immutable scenarios, or one clear sentence about
what is wrong with the file and where. Everything else in Hallplan builds on this package, and it imports
none of it.
"""

__all__: list[str] = []
