"""The sections of the page, each one a module with a function that gives Section objects from a run."""
