"""What a family is: its contract, its settings, the text that names it, and families of families."""
