"""The command ``doctor``: whether this machine can use Lago with these settings, and what to mend."""
