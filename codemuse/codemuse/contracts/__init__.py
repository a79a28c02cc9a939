"""Every wire shape of the platform, written once.

Services import the models of the routes they serve, ``codemuse.clients`` imports the models of the routes it calls;
no other module describes a request or a reply.
"""
