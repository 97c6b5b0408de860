"""In front of scipy on a command's path: without extras there is none, and importing it takes long."""

raise ModuleNotFoundError("No module named 'scipy'", name="scipy")
