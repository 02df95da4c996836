def f():
    """Use it:

    ```python
    f()
    ```
    """


def g():
    """
```
raw
```
"""
