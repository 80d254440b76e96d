"""How often the answers are right: many questions from files, and the accuracy of the model that is in use."""
