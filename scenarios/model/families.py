"""Which of SciPy's continuous distributions a law may name, and whether its parameters make a usable one.

Input: the name of a distribution and its shape parameters.  Output: SciPy's family and the names of its shapes, or one
sentence.  A family is offered if its quantiles have a closed form or a fast special function, because every draw is an
inversion: SciPy solves for the quantiles of the others one by one, for minutes or for ever.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from foundation.errors import ScenarioError
from scenarios.paths import suggestion

__all__ = ["OFFERED", "REFUSED", "check_shapes", "check_size", "scipy_family"]

OFFERED: Final = (
    *("alpha", "anglit", "arcsine", "beta", "betaprime", "bradford", "burr", "burr12", "cauchy", "chi", "chi2"),
    *("cosine", "crystalball", "dgamma", "dweibull", "erlang", "expon", "exponpow", "exponweib", "f", "fatiguelife"),
    *("fisk", "gamma", "gengamma", "genextreme", "genhalflogistic", "genlogistic", "gennorm", "genpareto", "gibrat"),
    *("gompertz", "gumbel_l", "gumbel_r", "halfcauchy", "halflogistic", "halfnorm", "hypsecant", "invgamma"),
    *("invgauss", "invweibull", "johnsonsb", "johnsonsu", "kappa3", "laplace", "laplace_asymmetric", "levy"),
    *("levy_l", "loggamma", "logistic", "loglaplace", "lognorm", "loguniform", "lomax", "maxwell", "mielke", "moyal"),
    *("nakagami", "norm", "pareto", "pearson3", "powerlaw", "powerlognorm", "powernorm", "rayleigh", "rdist"),
    *("reciprocal", "rice", "semicircular", "t", "trapezoid", "triang", "truncexpon", "truncnorm", "truncpareto"),
    *("truncweibull_min", "tukeylambda", "uniform", "wald", "weibull_max", "weibull_min"),
)
"""Families whose quantiles SciPy computes at once."""

REFUSED: Final = (
    *("argus", "dpareto_lognorm", "exponnorm", "foldcauchy", "foldnorm", "gausshyper", "genexpon", "genhyperbolic"),
    *("geninvgauss", "halfgennorm", "irwinhall", "jf_skew_t", "kappa4", "ksone", "kstwo", "kstwobign", "landau"),
    *("levy_stable", "ncf", "nct", "ncx2", "norminvgauss", "recipinvgauss", "rel_breitwigner", "skewcauchy"),
    *("skewnorm", "studentized_range", "vonmises", "vonmises_line", "wrapcauchy"),
)
"""Families that SciPy has and a scenario may not name: too slow, or a solver that fails without a word."""

_SIZES: Final = (1e-9, 1e6)
"""Least and greatest size of a shape that is not 0.  Beyond them SciPy's special functions loop, overflow or end the
whole process; every family was tried at and between them.  What people and halls do is far inside."""

_SIZES_OF: Final = {"invgauss": (0.01, 1e6), "rice": (1e-9, 1e3)}
"""Families that need narrower limits: SciPy takes seconds for a nearly constant inverse Gaussian or Rice law."""

_PROBES: Final = (2.0**-54, 1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-6, 1 - 2.0**-53)
"""Probabilities whose quantiles must be numbers: the ends of what is drawn, and the middle."""


def scipy_family(dist: str) -> tuple[Any, list[str]]:
    """Return SciPy's family of this name, and the names of its shape parameters.

    Raises
    ------
    ScenarioError
        If there is no such family, or it is one that is not offered.
    """
    if dist in REFUSED:
        raise ScenarioError("error.distribution_refused", dist=dist)
    if dist not in OFFERED:
        raise ScenarioError("error.unknown_distribution", dist=dist, near=suggestion(dist, ["pert", *OFFERED]))
    # SciPy is slow to import: only a law that names one of its own distributions needs it.
    from scipy import stats

    family: Any = getattr(stats, dist)
    return family, [name.strip() for name in (family.shapes or "").split(",") if name.strip()]


def check_size(dist: str, key: str, value: float) -> None:
    """Check that a shape parameter is neither so small nor so large that SciPy can't compute with it.

    Raises
    ------
    ScenarioError
        With the key, its value and the limits.
    """
    low, high = _SIZES_OF.get(dist, _SIZES)
    if value and not low <= abs(value) <= high:
        raise ScenarioError(
            "error.law_shape_size", dist=dist, key=key, value=f"{value:g}", low=f"{low:g}", high=f"{high:g}"
        )


def check_shapes(dist: str, shapes: tuple[float, ...]) -> None:
    """Check that the family has a finite mean and finite quantiles with these shape parameters.

    Raises
    ------
    ScenarioError
        If a parameter's size is out of the limits, the family has no such mean and quantiles, or SciPy fails.
    """
    for key, value in zip(scipy_family(dist)[1], shapes, strict=True):
        check_size(dist, key, value)
    if dist == "erlang" and not shapes[0].is_integer():  # SciPy only warns its programmers
        raise ScenarioError("error.law_erlang_shape", value=f"{shapes[0]:g}")
    if not _usable(dist, shapes):
        raise ScenarioError("error.law_bad_parameters", dist=dist)


@cache
def _usable(dist: str, shapes: tuple[float, ...]) -> bool:
    import numpy as np

    family, _ = scipy_family(dist)
    try:
        with np.errstate(all="ignore"):
            # SciPy answers nan to parameters that make no distribution; without a mean there is no workload.
            if not np.isfinite(float(family.mean(*shapes))):
                return False
            return bool(np.isfinite(family.ppf(np.array(_PROBES), *shapes)).all())
    except (ArithmeticError, ValueError, RuntimeError):  # parameters that overflow, or defeat an iteration
        return False
