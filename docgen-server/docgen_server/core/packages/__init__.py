"""What a repository asks for from outside, as its manifests say."""
