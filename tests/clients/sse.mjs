// Follows a job and the news over server-sent events: node sse.mjs URL TOKEN
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { follow, propose, JOB, NEWS } from './job.mjs';

const [url, token] = process.argv.slice(2);
const client = createClient({ url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 });

const id = await propose(url, token);
const states = await follow(client, { query: JOB, variables: { id } });
assert.equal(states.at(-1).data.job.state, 'SUCCEEDED');

const [news] = await follow(client, { query: NEWS, variables: { after: '0' } }, 1);
assert.equal(news.data.notifications.kind, 'JOB_SUCCEEDED');
assert.equal(news.extensions.cursor, '1');

const [refused] = await follow(client, { query: 'subscription { nothing }' });
assert.equal(refused.errors[0].extensions.code, 'INVALID_ARGUMENT');

const [answer] = await follow(client, { query: '{ __typename }' });
assert.deepEqual(answer, { data: { __typename: 'Query' } });
console.log(`graphql-sse heard ${states.length} states of a job, and its end`);
