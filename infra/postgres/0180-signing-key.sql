-- The key that bundles of evidence are signed with, one for all processes of a hub; here it is in every backup.
CREATE TABLE hub.signing_key (
  is_ours boolean PRIMARY KEY DEFAULT true CHECK (is_ours),
  pem text NOT NULL
);
