"""The planner's page: two plans of a hall side by side, changed with levers and staffing, simulated in the background.

In come a planner's choices; out come charts and tables in Chinese or English, and a link that brings them back. What
the page knows (:mod:`~hallplan.page.state`, :mod:`~hallplan.page.plans`, :mod:`~hallplan.page.runs`,
:mod:`~hallplan.page.results`) is plain functions over frozen values; only :mod:`~hallplan.page.script` and
:mod:`hallplan.page.views` know Streamlit. Nothing is imported here, so that the processes that simulate stay light.
"""

__all__: list[str] = []
