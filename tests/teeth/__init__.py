"""
Deliberately broken engines, to prove that the simulation can bite.

    PYTHONPATH=.:tests python -m teeth                 every variant against its stored seed
    PYTHONPATH=.:tests python -m teeth --find 0:2000   store a seed for each variant that has none

A variant is a copy of the package with one rule taken out. It must be caught by the very harness that calls the real
engine sound, and by the promise it breaks.
"""
