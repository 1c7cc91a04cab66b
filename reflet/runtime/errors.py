"""The one exception a user is meant to read."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend. The message is one sentence that says what is wrong and what to do.

    The command line prints it alone and exits with code 2; a service turns it into a 4xx answer.
    """
