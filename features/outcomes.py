"""What a contact came to, in the words that ledgers use."""

from __future__ import annotations

from typing import Any

UNANSWERED = ("no_answer", "unanswered", "not_reached", "voicemail", "bounced")
COMPLAINED = ("dispute", "disputed")
PROMISED = ("promise", "promised")
REFUSED = "refused"
SENT = "sent"
KNOWN = (*UNANSWERED, *COMPLAINED, *PROMISED, REFUSED, SENT)


def is_complaint(contacts: Any) -> Any:
    """Whether a contact ended in a dispute, or the reason that they told was one."""
    return (contacts.outcome.isin(COMPLAINED) | (contacts.reason_code == "dispute")).fill_null(False)


def is_unanswered(contacts: Any) -> Any:
    """Whether a contact reached nobody."""
    return contacts.outcome.isin(UNANSWERED).fill_null(False)
