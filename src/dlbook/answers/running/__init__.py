"""Running functions that readers write, and comparing what they give."""
