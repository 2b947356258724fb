// A client that keeps what it has read, and follows jobs over a WebSocket.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange, type CacheExchangeOpts } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';
import published from '../../../api/graphql/published/introspection.json' with { type: 'json' };

// What has no id is kept inside of what it belongs to.
const keys = Object.fromEntries(
  published.__schema.types
    .filter(({ kind, fields }) => kind === 'OBJECT' && !fields?.some(({ name }) => name === 'id'))
    .map((type) => [type.name, () => null]),
);

const cache = cacheExchange({
  schema: published as CacheExchangeOpts['schema'],
  keys,
  resolvers: {
    Query: { communities: relayPagination() },
    Community: { members: relayPagination() },
  },
});

/** Makes a client, and what ends its connection. */
export function connect(url: URL, authorization: string) {
  const socket = createSocket({
    url: url.href.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket, // a browser has its own
    connectionParams: { authorization },
  });
  const follow = subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
    }),
  });
  const client = new Client({
    url: url.href,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [cache, fetchExchange, follow],
  });
  return { client, close: () => socket.dispose() };
}
