"""Arrays of images: 8-bit rounding, noise by index, resampling, degradations, and files that others made."""
