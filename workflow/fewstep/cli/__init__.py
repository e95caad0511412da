"""Commands: `fewstep score`, and the one that renews the table of methods in the README."""
