"""Small networks that are trained on images to score a generator: classifiers (CAS) and observers (fool rate)."""
