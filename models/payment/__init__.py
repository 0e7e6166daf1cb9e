"""Payment time: will it be late and when is it paid, as one curve for each open invoice; and the other ways to answer."""
