"""The half that fetches: usage of many subscriptions into one file, and files of several exports into one."""
