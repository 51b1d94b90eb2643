"""What a link to us looks like where it is shared (Open Graph): its words and its picture.

`contents` decides what is told and `head` writes it into the page; `drawing` draws a picture and
`pictures` keeps them; `lookup` finds what a path is about; `plain_text` makes a stranger's words
fit to be shown.

Promises: a crawler needs no script; nothing that a stranger wrote becomes markup or stands in an
address. Rooms for some only, and those that were taken down, tell no title, text, host or state.
"""
