"""What a flow is: fields, units, and the rules for sampling and spreading. No I/O."""
