"""What every part needs and nothing of images: errors, whole files, YAML and JSON that are checked, digests of code."""
