"""Cash: what comes in by week from what is open, and between which bounds."""
