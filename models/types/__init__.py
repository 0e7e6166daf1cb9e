"""Debtor types: what is seen, how rules vote on it, what a booster learns from that, and when nothing is said."""
