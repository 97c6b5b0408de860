"""Programs of OpenGL: their language, a grammar that writes them, and what draws with them."""
