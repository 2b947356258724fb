// Holds what is published for caches against a served API: node published.mjs URL TOKEN
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { minifyIntrospectionQuery } from '@urql/introspection';
import { getIntrospectionQuery } from 'graphql';

const [url, token] = process.argv.slice(2);
const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../api/graphql/published/${name}`, import.meta.url)));

/** Puts what has a name in the order of names, wherever it stands, and leaves out what is null. */
function order(value) {
  if (Array.isArray(value)) {
    return value.map(order).sort((one, other) => (one.name < other.name ? -1 : 1));
  }
  if (typeof value !== 'object') return value;
  const parts = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(parts.map(([name, part]) => [name, order(part)]));
}

const answer = await fetch(url, {
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery({ descriptions: false }) }),
});
const { data } = await answer.json();

const served = order(minifyIntrospectionQuery(data).__schema.types);
const published = order(read('introspection.json').__schema.types);
assert.deepEqual(published.map(({ name }) => name), served.map(({ name }) => name));
served.forEach((type, index) => assert.deepEqual(published[index], type));

const possible = data.__schema.types
  .filter((type) => type.possibleTypes)
  .map((type) => [type.name, type.possibleTypes.map(({ name }) => name).sort()]);
assert.deepEqual(read('possibleTypes.json'), Object.fromEntries(possible));
console.log(`${served.length} types are published as they are served`);
