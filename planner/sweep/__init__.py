"""Sweeps: one scenario at many points, in a folder that survives interruptions.

Input: a sweep file.  Output: a folder of Parquet parts, and summaries of its points.  :mod:`~planner.sweep.definition`
reads the file, :mod:`~planner.sweep.design` lays out the points, :mod:`~planner.sweep.folder` keeps the parts,
:mod:`~planner.sweep.running` simulates, and :mod:`~planner.sweep.results` reads what there is.
"""
