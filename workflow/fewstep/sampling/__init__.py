"""From a cell to its images: networks loaded, conditions made, shards written and read, samples of others imported."""
