"""`callfloor demo`: a box and a virtual floor at work, to look at. Puts rooms together."""
