"""What is kept between runs: what a page was made from, and results that reports share."""
