"""One file per metric: of features [N, d], of classifiers' answers, or of images beside their truths."""
