"""What we know and since when: tables, sources, quarantine, and the one place where time is cut."""
