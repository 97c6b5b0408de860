"""Results of evaluations: rows, the file that holds them, and tables and figures of them."""
