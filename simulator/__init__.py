"""A portfolio of debtors whose true type and true response are known; it knows only the ledger."""
