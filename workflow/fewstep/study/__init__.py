"""The human fool rate: how often people take a sample for the real image, in a two-alternative forced choice.

The protocol is SR3's (Saharia et al. 2021, arXiv:2104.07636, section 4.2): in task 1 the low-resolution image stands
between the real image and the sample, and the rater says which is the better high-quality version of it; in task 2 it
is absent, and the rater says which is real. A pair is seen for 3 s before the answer. The fool rate is the share of
trials in which the sample is picked; 50 % is chance, which is also what perfect samples get.

    arms         the samples that are compared, from the shards on disk
    design       which real image meets which sample
    blind        the design without the truth, for the page, and the truth, for the key
    rater_page   the page that raters open, in one file
    answers      the files that raters send back
    rates        who is left out, and the fool rate with its interval
    outcome      the fool rates as CSV files beside the results of a run

Our choices: after the view the pair disappears, so that everybody sees it equally long (the paper does not say); no
image is shown twice to a rater, since one that comes back would betray itself as real; task 2 asks for the real image
and not for the one "from a camera", which digits are not; practice and catch trials are added.
"""
