/* Only its compiler flags are used: CSofiaSIP includes the headers itself. */
