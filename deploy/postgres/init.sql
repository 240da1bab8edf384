-- Four databases, four roles, and no role that reaches another's database. Run once, when the data volume is empty.
-- The passwords come from the container's environment (psql runs what stands in back quotes), so none is written here.
\set cases_password `printenv CASES_DB_PASSWORD`
\set fees_password `printenv FEES_DB_PASSWORD`
\set oversight_password `printenv OVERSIGHT_DB_PASSWORD`
\set notifications_password `printenv NOTIFICATIONS_DB_PASSWORD`

CREATE ROLE cases LOGIN PASSWORD :'cases_password';
CREATE ROLE fees LOGIN PASSWORD :'fees_password';
CREATE ROLE oversight LOGIN PASSWORD :'oversight_password';
CREATE ROLE notifications LOGIN PASSWORD :'notifications_password';

CREATE DATABASE cases OWNER cases TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
CREATE DATABASE fees OWNER fees TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
CREATE DATABASE oversight OWNER oversight TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
CREATE DATABASE notifications OWNER notifications TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';

REVOKE ALL ON DATABASE cases, fees, oversight, notifications, postgres, template1 FROM PUBLIC;
