# src/private.py
