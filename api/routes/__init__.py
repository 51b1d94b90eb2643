"""The routes, by what they are for. Each module has `blueprint(services)`."""
