"""Twisted's own tests of C{twisted.names}, run against txnames.

The tests are read from the installed Twisted; none of their text stands here.
"""
