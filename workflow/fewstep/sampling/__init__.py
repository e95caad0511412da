"""Images of cells, made by methods."""
