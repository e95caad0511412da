"""One file per metric; all of them take features [N, d] that an extractor made, never images."""
