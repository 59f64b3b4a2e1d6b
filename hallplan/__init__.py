"""The faces of Hallplan: the public API, the command line, the pages, the report and the messages.

In come requests by people and by other programs; out come answers in Chinese and English. The packages
beneath do the work; this one names the dozen things a user needs and says them in words a user can read.
"""

from importlib.metadata import version

__all__ = ["__version__"]

__version__: str = version("hallplan")
