"""From the article to a posterior over the numbers that nobody measured.

Input: the published figures and the uncertain parameters of the two scenarios that they speak of.  Output: draws of
the parameters that agree with the figures, what the figures say of each parameter, and the part of a forecast's spread
that no measurement has narrowed.  The steps: ``design`` (points and their simulation), ``matching`` (points that the
article rules out), ``emulator``, ``likelihood`` and ``smc`` (draws), ``article`` (all steps together), then
``artefact`` (the draws on file, and applied to scenarios), ``report``, ``sensitivity``, ``measurement``, ``outside``.
"""
