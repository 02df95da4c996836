build/in_build.py
