"""One file per metric; they take features [N, d] that an extractor made, or what classifiers say, never images."""
