"""One reader a file format; a new one is a module here and a line in the registry."""
