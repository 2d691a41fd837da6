"""One step per job type: what a claim begins, how it is run, what its end writes."""
