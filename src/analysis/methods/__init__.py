"""What is made of figures: indicators, designs of policies, their evaluation and what may be concluded."""
