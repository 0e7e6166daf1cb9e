"""What will happen, who they are and why: targets, payment timing, debtor types, evaluation, explanation, registry."""
