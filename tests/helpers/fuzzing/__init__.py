"""Mutated files and command lines, tried by the thousand: ``python3 dev.py fuzz``."""
