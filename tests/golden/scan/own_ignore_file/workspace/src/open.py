# src/open.py
