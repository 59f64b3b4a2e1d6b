"""Mutation testing: small changes to the code, each of which some test should notice.

``python -m benchmarks.mutants --count 200 --seed S`` samples the changes, tries each in a copy of the tree and counts
those that no test noticed.
"""
