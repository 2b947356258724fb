// Names documents that the server knows, and sends those that it does not: node persisted.mjs URL TOKEN
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';

const [url, token] = process.argv.slice(2);
const sent = [];

const client = new Client({
  url,
  exchanges: [persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
  fetchOptions: { headers: { authorization: `Bearer ${token}` } },
  fetch: (address, options) => {
    sent.push(JSON.parse(options.body));
    return fetch(address, options);
  },
});

async function ask(query) {
  sent.length = 0;
  const { data, error } = await client.query(query, {});
  assert.ifError(error);
  return [data, sent.map((body) => 'query' in body)];
}

const known = await readFile(new URL('documents/communities.graphql', import.meta.url), 'utf8');
const [{ communities }, once] = await ask(known);
assert.ok(communities.edges.length > 0);
assert.deepEqual(once, [false], 'the digest alone was enough');

const [viewer, twice] = await ask('query Unknown {\n  __typename\n}');
assert.equal(viewer.__typename, 'Query');
assert.deepEqual(twice, [false, true], 'the query was sent after the digest was not known');
console.log(`urql named a document of ${known.length} characters by its digest, and sent one that was not known`);
