"""Everything OpenGL: the context, the text of programs, and the drawing of many pictures at once."""
