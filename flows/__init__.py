"""One file, one flow, one verb_noun: each reads like the sentence it automates and speaks only through `tasks/`."""
