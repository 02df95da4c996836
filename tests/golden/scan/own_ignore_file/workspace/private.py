# private.py
