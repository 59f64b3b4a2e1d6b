"""From the article to a posterior over what nobody measured.

Input: the published figures and the uncertain parameters of the two scenarios that they speak of.  Output: draws of
the parameters that agree with the figures, what each parameter has learnt from them, and how much of a forecast's
spread nobody's measurement has yet narrowed.  The way there: ``design`` (points and their simulation), ``matching``
(which points the article rules out), ``emulator``, ``likelihood`` and ``smc`` (draws), ``article`` (all of it), then
``artefact`` (the draws on file, and applied to scenarios), ``report``, ``sensitivity``, ``measurement``, ``outside``.
"""
