"""What can go wrong on the way, said in one sentence that tells what to do."""


class SandboxProblem(Exception):
    """The run cannot go on. The message is for the person at the terminal."""
