"""What to centralise or decentralise next: items, departments, windows and sections, ranked by what they gain a seat.

Input: a composed scenario.  Output: the moves worth simulating, what each gains, and what cannot move.
"""
