"""The one exception that a user is meant to read."""


class FewstepError(Exception):
    """A mistake that the user can mend: one sentence that names the file or the configuration key.

    Jobs print it without a traceback and exit with status 1; everything else that is raised is a defect of Fewstep.
    """

    def __str__(self) -> str:
        # Python holds the bytes of a file name that is not UTF-8 as surrogates, which no terminal can be given.
        return super().__str__().encode("utf-8", "backslashreplace").decode()
