"""Editing: what a trained generator can do to an image that it was not trained to edit.

`names` lists the tasks, `tasks` turns real images into what a method is given, `constraints` keeps what is known of
them, `cells` makes edited images, `scoring` scores them. Samplers that methods share are in fewstep.diffusion.editing.
"""
