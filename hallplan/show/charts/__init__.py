"""Charts: functions from frames to figures, for the page and the report alike.

Input: tidy frames of :mod:`hallplan.show.comparison_frames`, and a language.  Output: Plotly figures with every label
in that language.  Names out of scenarios are shown as they are, never read as markup.  Nothing here knows Streamlit.
"""

from hallplan.show.charts.beginning import beginning_chart
from hallplan.show.charts.document import ChartDocument
from hallplan.show.charts.forest import forest_chart
from hallplan.show.charts.frontier import frontier_chart
from hallplan.show.charts.headline import headline_chart
from hallplan.show.charts.heat import heat_chart
from hallplan.show.charts.held import held_chart
from hallplan.show.charts.moves import moves_chart
from hallplan.show.charts.picture import require_pictures
from hallplan.show.charts.places import places_chart
from hallplan.show.charts.queues import queue_chart
from hallplan.show.charts.sensitivity import sensitivity_chart
from hallplan.show.charts.shifts import shifts_chart
from hallplan.show.charts.staffing import staffing_chart
from hallplan.show.charts.theme import COLOURS, PLOT_CONFIG, escape
from hallplan.show.charts.turnaround import turnaround_chart
from hallplan.show.charts.utilisation import utilisation_chart
from hallplan.show.charts.waits import waits_chart

__all__ = [
    "COLOURS",
    "PLOT_CONFIG",
    "ChartDocument",
    "beginning_chart",
    "escape",
    "forest_chart",
    "frontier_chart",
    "headline_chart",
    "heat_chart",
    "held_chart",
    "moves_chart",
    "places_chart",
    "queue_chart",
    "require_pictures",
    "sensitivity_chart",
    "shifts_chart",
    "staffing_chart",
    "turnaround_chart",
    "utilisation_chart",
    "waits_chart",
]
