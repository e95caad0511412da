"""The two tables of a run: their columns, how rows are pooled, the regression check, and published numbers."""
