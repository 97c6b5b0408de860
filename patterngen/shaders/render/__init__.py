"""Drawing with OpenGL, in a process of its own."""
