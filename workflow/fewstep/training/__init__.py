"""Training: the loop that methods share, averaged weights, snapshots, and copies into and out of the zoo."""
