"""Studies of the planner's questions, worked off by the compiled engine without a store."""

from planner.select import Best
from planner.warm_up import Beginning, from_the_beginning
from sim.run.policy import IndifferenceZone
from sim.run.study import Study, run


def best_of(scenarios, metric, *, seed=None, workers=1, progress=None, **policy):
    """Select the best scenario by the KN procedure."""
    zone = IndifferenceZone(metric, **policy)
    study = Study.of(*scenarios, policy=zone, seed=seed, engine="compiled", workers=workers)
    return Best.of(run(study, progress=progress))


def beginning_of(scenario, *, replications, days=None, seed=None):
    """Run a scenario from its first day on and look at its open cases."""
    extended = from_the_beginning(scenario, days)
    study = Study.of(extended, replications=replications, seed=seed, curves=True, engine="compiled")
    return Beginning.of(run(study), own_days=scenario.run.warm_up_days)
