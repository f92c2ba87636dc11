"""A reader of the Ruby that routes, controllers and serializers are written in. It refuses what it does not know."""
