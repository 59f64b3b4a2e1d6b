"""What is simulated: the scenario format, its composition and levers, and the built-in library.

Input: TOML files written by people.  Output: validated, immutable scenarios, or one sentence that says what is wrong
with a file and where.  Everything else in Hallplan builds on this package.
"""

__all__: list[str] = []
