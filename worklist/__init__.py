"""What to do today: playbook, contact policy, value of a contact, ranking, reasons in words."""
