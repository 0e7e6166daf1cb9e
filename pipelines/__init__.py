"""Composition only: each job is a page read from top to bottom, on one typed config."""
