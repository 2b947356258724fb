// Holds a served API against GraphQL over HTTP: node audit.mjs URL TOKEN
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const fetchFn = (address, options = {}) =>
  fetch(address, {
    ...options,
    headers: { ...options.headers, authorization: `Bearer ${token}` },
  });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) results.push(await audit.fn());

const missed = results.filter((result) => result.status !== 'ok');
for (const { status, id, name, reason } of missed) console.log(status, id, name, reason);
console.log(`${results.length - missed.length} of ${results.length} audits pass`);
process.exitCode = missed.length === 0 ? 0 : 1;
