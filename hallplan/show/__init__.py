"""One module a result: from its frames the text table, the JSON document, and the page's table.

Input: results of :mod:`planner`, :mod:`calibration` and :mod:`verification`.  Output:
:class:`~hallplan.show.text_table.TextTable` in the user's language, dictionaries of JSON's own types, and tidy frames
for the page and for :mod:`hallplan.show.charts`.  Nothing here computes; nothing here knows Typer or Streamlit.
"""

__all__: list[str] = []
