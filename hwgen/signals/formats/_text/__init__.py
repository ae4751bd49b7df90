"""Tables as text, in the steps in which they are read.

`source`: encoding and lines. `cells`: what one cell is. `dialect`: what parts the cells, and where
the table begins. `header`: titles, units, a stated rate. `roles`: which columns are signals, time,
row numbers, words. `columns`: the numbers of one column, by pandas.
"""
