"""The pages: a web application that shows drafts, reports and findings to people.

`app.create_app(site)` builds it; all that it calls is given to it (`site.Site`) by the command
`nianbao serve`. Pages are made here on the server from `templates/`; `static/` has the one style
sheet and the one script, without which every page works too. Nothing is loaded from the network.
"""
