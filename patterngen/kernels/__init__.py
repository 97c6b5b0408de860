"""Functions compiled by Numba: how they are compiled, kept in files and announced."""
