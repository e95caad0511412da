"""From shards to rows of scores.csv: features, references, distances and their intervals, judges, protocols."""
