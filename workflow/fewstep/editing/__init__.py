"""Editing: what a trained generator can do to an image that it was not trained to edit.

`names` lists the tasks, `tasks` turns real images into what a method is given, `constraints` keeps what is known of
them, `splits` chooses the images, `scoring` scores edited ones, which fewstep.sampling makes. Samplers that methods
share are in fewstep.diffusion.editing.
"""
