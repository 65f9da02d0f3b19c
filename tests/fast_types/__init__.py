"""The fast types of the simulation equal the reference types, operator by operator."""
