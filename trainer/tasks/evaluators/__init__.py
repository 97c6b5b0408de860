"""Tasks as other people's evaluators read them."""
