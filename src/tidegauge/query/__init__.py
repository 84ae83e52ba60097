"""Questions about flows: the filter language and the query object, from text to SQL. No I/O."""
