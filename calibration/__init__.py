"""Where the numbers come from: published evidence, posteriors over what nobody measured, and event logs.

In come a scenario and the evidence about it (published targets, or a log of real cases); out come scenarios
whose assumed numbers carry a distribution, so that a forecast can say how much of its interval is
ignorance.
"""

__all__: list[str] = []
