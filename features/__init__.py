"""Who is asked about, and what was known of them on that day: cohorts and feature views."""
