"""Mutation testing: the core is broken in one place after another; `python -m tests.mutation`."""
