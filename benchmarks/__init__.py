"""How fast, and how equal: measurements of the engines that are run by hand, and what they have in common.

``python -m benchmarks.run`` compares speeds; ``python -m benchmarks.equality`` compares the engines' logs on random
scenarios.  Nothing in the product imports this package.
"""
