"""From a job to its shards: what to draw, what is missing, drawing it, and how far it is."""
