"""Does a certified plan hold where the parameters are uncertain?  The certificate, once for each of some draws.

Input: a plan's :class:`~planner.staffing.result.Staffing`, its scenario as composed, and a posterior.  Output: a
:class:`PosteriorCheck`: in which draws every cell keeps its target, and the probability that it does.  The draws are
spread over the posterior, and all have the same fresh random numbers.  A draw is simulated for some weeks only.  So it
counts for the lower end of the probability if it surely keeps every target, and against the upper end if it surely
misses one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from foundation.arrays import BoolArray
from planner.staffing.certificate import Cell, Certificate, certify
from planner.staffing.plan import StaffPlan, staffed
from planner.staffing.simulate import FRESH, Simulate
from planner.staffing.targets import Target
from sim.run.study import System
from sim.statistics.intervals import Interval, proportion_interval

if TYPE_CHECKING:
    from calibration.posterior.artefact import Posterior
    from scenarios.compose.composing import Composed

__all__ = ["DRAWS", "PosteriorCheck", "check_over_posterior"]

DRAWS: Final = 24
"""Draws by default: with them the district hall stays under a minute."""
_REPLICATIONS: Final = 4
"""Of each draw: 48 weeks of 60 days, where every half-hour of five visitors a day has 1,200 of them."""
_FIRST: Final = 2 * FRESH
"""Number of the first replication: none of the search or of a certificate."""


@dataclass(frozen=True, eq=False)
class PosteriorCheck:
    """How a plan does over draws of the parameters.

    Attributes
    ----------
    cells
        What was judged.
    certificates
        One a draw.
    level
        Confidence of :attr:`probability`.
    """

    cells: tuple[Cell, ...]
    certificates: tuple[Certificate, ...]
    level: float

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.certificates)

    @property
    def reaches(self) -> BoolArray:
        """Tell in which draws every share or mean reaches its limit, shape (draws,)."""
        reached: BoolArray = ~np.any(self._short, axis=1)
        return reached

    @property
    def _short(self) -> BoolArray:
        """Tell where a draw's share or mean misses the limit, shape (draws, cells)."""
        return np.array([certificate.falls_short for certificate in self.certificates], dtype=np.bool_)

    @property
    def surely_kept(self) -> int:
        """Draws in which every bound keeps its target."""
        return sum(certificate.is_certified for certificate in self.certificates)

    @property
    def surely_missed(self) -> int:
        """Draws in which some bound shows that its target is missed."""
        return sum(bool(certificate.misses.any()) for certificate in self.certificates)

    @property
    def probability(self) -> Interval:
        """The probability that the plan keeps all targets: the share of the draws that do.

        Its interval allows for few draws (Clopper and Pearson) and for few weeks of each: its ends are those of the
        draws that surely keep, and that do not surely miss.
        """
        n = self.draws
        reached = int(self.reaches.sum())
        low = proportion_interval(self.surely_kept, n, level=self.level).low
        high = proportion_interval(n - self.surely_missed, n, level=self.level).high
        return Interval(reached / n, low, high, self.level, "proportion", n)

    def weakest(self, number: int) -> list[tuple[Cell, int]]:
        """Return the cells that miss their target in the most draws, and in how many."""
        times = Counter(dict(zip(self.cells, self._short.sum(axis=0).tolist(), strict=True)))
        return [(cell, misses) for cell, misses in times.most_common(number) if misses]


def check_over_posterior(
    plan: StaffPlan,
    composed: Composed,
    posterior: Posterior,
    *,
    targets: Sequence[Target],
    cells: Sequence[Cell],
    simulate: Simulate,
    draws: int = DRAWS,
    level: float = 0.95,
) -> PosteriorCheck | None:
    """Certify a plan for draws of the parameters; nothing if the posterior moves no number of the scenario.

    Parameters
    ----------
    plan, composed
        The plan, and the scenario that it is for.
    posterior
        Where the parameters come from.
    targets, cells
        What is judged.
    simulate
        As for :func:`planner.staffing.search.staff`.
    draws
        How many, at most as many as the posterior has.
    level
        Of the probability, and of all bounds of a draw together.

    Raises
    ------
    HallplanError
        Whatever `simulate` raises.
    """
    if not posterior.moves(composed):
        return None
    number = min(draws, len(posterior))
    places = np.arange(number) * len(posterior) // number
    halls = [staffed(posterior.applied(composed, int(place)).scenario, plan) for place in places]
    system = System(staffed(composed.scenario, plan), halls)
    first = _FIRST - _FIRST % number  # so that replication k, which has draw k mod number, begins with the first draw
    (observed,) = simulate([system], targets, first, number * _REPLICATIONS)
    certificates = [certify(targets, cells, observed[draw::number], level=level) for draw in range(number)]
    return PosteriorCheck(tuple(cells), tuple(certificates), level)
