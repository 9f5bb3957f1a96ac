"""What an editor shows of a specification while it is written, over the Language Server Protocol (LSP 3.17).

A specification is Python, and to read it is to run it: each reading happens in a child process of its own, so that a
file that loops, prints or ends its process leaves the server as it is.
"""
