"""Does confguard agree with the real constructors? Random configs are read by TRL's own command line and by confguard.

Run from the root of the project, in an environment with the extra `train`; it writes docs/agreement.md:

    PYTHONPATH=tests python -m agreement
"""
