"""What happened, once, in order, written by the transaction that made it happen."""
