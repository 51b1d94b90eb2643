"""The REST API under `/client/v4`: who may call, what is answered."""
