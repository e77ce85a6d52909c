"""From the orthography of one Korea to that of the other: rules, their lexicon, their evaluation."""
