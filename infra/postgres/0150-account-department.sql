-- The department of the street's alliance that an account speaks for; none: for whichever it names.
ALTER TABLE hub.account ADD COLUMN department text;
