"""The list of disputes: those that wait for a decision first, then what became of the others."""
