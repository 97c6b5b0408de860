"""In front of pandas on a command's path: without extras there is none, and importing it takes long."""

raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
