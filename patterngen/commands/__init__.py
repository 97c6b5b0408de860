"""The commands of the program `patterngen`: each calls one function and prints what it returns."""
