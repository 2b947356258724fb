// Follows a job and the news over WebSocket: node ws.mjs URL TOKEN
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { follow, propose, JOB, NEWS } from './job.mjs';

const [url, token] = process.argv.slice(2);
const connect = (authorization) =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });

const client = connect(`Bearer ${token}`);
const id = await propose(url, token);
const [states, [news]] = await Promise.all([
  follow(client, { query: JOB, variables: { id } }),
  follow(client, { query: NEWS, variables: { after: '0' } }, 1),
]);
assert.equal(states.at(-1).data.job.state, 'SUCCEEDED');
assert.equal(news.extensions.cursor, '1');
await assert.rejects(follow(client, { query: '{ __typename }' }), ([error]) => {
  assert.match(error.message, /subscriptions alone are followed/);
  return true;
});
await client.dispose();

const stranger = connect('Bearer rp_nobody');
await assert.rejects(follow(stranger, { query: NEWS }), (event) => event.code === 4401);
console.log(`graphql-ws heard ${states.length} states of a job, and its end`);
