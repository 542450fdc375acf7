"""The numbers that recognition decides by, each of them once. A score goes from 0 to 1."""

CERTAIN = 0.9  # from here on a text is decided, if no other institution reaches it
POSSIBLE = 0.5  # from here on an institution is a candidate to ask about
BEST_GUESS = 0.8  # of a name that is only like the one typed, or that many have
DOUBTFUL = 0.62  # a known name inside what may be another name
QUESTIONABLE = 0.6  # something contradicts: another country, several owners, initials only
GUESSED = 0.55  # a name of common words among others; an acronym inside a longer name
JAPANESE_DOUBTFUL = 0.6  # a Japanese name followed by another kind of school
JAPANESE_INSIDE = 0.54  # a Japanese name with other kanji before it

# How far a way to write the name is trusted: today's whole name, a short one, a former one, one
# without the person it is called after
OFFICIAL, SHORT, OLD, WITHOUT_NAMESAKE = 1.0, 0.98, 0.97, 0.96
ACRONYM = 0.93  # five letters, or four that are odd or confirmed by a place
SHORT_ACRONYM = 0.75  # any other one: too short to decide by itself

# Taken off a score
MISSING_STATE = 0.12  # the name says "state", the text does not
ADDED_STATE, ADDED_STATE_IN_RUSSIA = 0.3, 0.03  # the text says it, the name does not
OTHER_QUALITY = 0.01  # "national", "research" on one side only
OTHER_ORDER, LOCAL_OTHER_ORDER, FREE_ORDER = 0.05, 0.15, 0.04  # "University of X", "X University"
WORD_BETWEEN = 0.05  # for each word between those of the name

# How doubtful a word is that was not typed as it is known; the last can only be asked about
MISSPELT, MISSPELT_BADLY = 0.2, 0.35

COVERED = 0.6  # the share of a name's weight that a text with missing words must have
COVERED_COUNTS = 0.8  # of that share
COMMON_WORDS_ONLY = 0.5  # times that, where no word is its own or none says what it is
LOOSE = 0.4  # below it such a name is not even shown
COMMON_WEIGHT = 0.3  # of "university" and other words that every name has
LIKE_WORD = 0.65  # similarity from which a word may be a misspelt one
LIKE_JAPANESE_NAME = 75  # per cent, the same for a whole Japanese name
LIKE_PLACE = 60  # per cent, the same for the letters of a place in katakana
STEM = 5  # letters of a surname that its endings and romanisations leave alone
