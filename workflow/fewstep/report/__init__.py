"""What a reader of a run sees: tables, figures and one self-contained page."""
