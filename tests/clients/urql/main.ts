// A first client of the API: lists communities, draws a year, asks for coefficients and accepts them.
import assert from 'node:assert/strict';
import type { Client } from '@urql/core';
import type { ResultOf } from 'gql.tada';
import { drawColumns, toPoints } from './chart.js';
import { connect } from './client.js';
import { ACCEPT, COMMUNITIES, DETECT, ENERGY, JOB, MEMBERS, PROPOSE } from './documents.js';
import { download, upload } from './files.js';
import { Refused, dataOf, done } from './outcome.js';

const [address = '', token = ''] = process.argv.slice(2);
const url = new URL(address);
const headers = { authorization: `Bearer ${token}` };
const YEAR = 2025;

/** Lists the first community with its first plant. */
async function chooseCommunity(client: Client) {
  const { communities } = dataOf(await client.query(COMMUNITIES, {}));
  const community = communities.edges[0]?.node;
  const plant = community?.installations.edges[0]?.node;
  if (!community || !plant) throw new Error('no community with a plant');
  return { community, plant };
}

/** Reads page after page; the cache joins them into one list. */
async function listMembers(client: Client, community: string) {
  for (let after: string | null = null; ; ) {
    const found = dataOf(await client.query(MEMBERS, { community, after })) as ResultOf<typeof MEMBERS>;
    if (!found.community) throw new Error('no such community');
    const { edges, pageInfo, totalCount } = found.community.members;
    if (!pageInfo.hasNextPage) return { members: edges.map((edge) => edge.node.code), totalCount };
    after = pageInfo.endCursor;
  }
}

/** Draws the months of a year. */
async function drawYear(client: Client, cau: string) {
  const months = dataOf(await client.query(ENERGY, { cau, year: YEAR, resolution: 'MONTH' }));
  const hours = dataOf(await client.query(ENERGY, { cau, year: YEAR, resolution: 'HOUR' }));
  const { generation, used } = months.installation ?? {};
  if (!generation || !used || !hours.installation?.generation) throw new Error('nothing was read');
  return { svg: drawColumns(generation, used), hours: toPoints(hours.installation.generation) };
}

/** Asks for coefficients and waits until they are found. */
async function propose(client: Client, cau: string, floor: number) {
  const input = { cau, year: YEAR, floor };
  const { proposeCoefficients } = dataOf(await client.mutation(PROPOSE, { input }));
  const job = done(proposeCoefficients).job;
  if (!job) throw new Error('no job');
  return followJob(client, job.id);
}

function followJob(client: Client, id: string) {
  return new Promise<Proposal>((resolve, reject) => {
    const { unsubscribe } = client.subscription(JOB, { id }).subscribe(({ data, error }) => {
      if (error) return reject(error);
      const job = data?.job;
      if (job?.state === 'FAILED' && job.error) reject(new Refused([{ path: [], ...job.error }]));
      if (job?.state !== 'SUCCEEDED' || !job.result || !('downloads' in job.result)) return;
      unsubscribe();
      resolve(job.result);
    });
  });
}

interface Proposal {
  id: string;
  selfConsumedKwh: number;
  downloads: { report: string };
}

const { client, close } = connect(url, headers.authorization);
const { community, plant } = await chooseCommunity(client);

const { members, totalCount } = await listMembers(client, community.id);
assert.equal(members.length, totalCount);
assert.ok(totalCount > 20);

const { svg, hours } = await drawYear(client, plant.cau);
assert.equal(svg.match(/<rect/g)?.length, 24);
assert.equal(hours.length, 8760);
assert.equal(hours.at(-1)?.label, '2025-12-31T22:00:00.000Z');
const winter = { start: '2025-11-01T00:00:00+01:00', step: 'P1M', values: [4906.743, 4813.549, 4876.235] };
assert.deepEqual(toPoints(winter).map(({ label }) => label), ['2025-11', '2025-12', '2026-01']);

const wrong = { cau: plant.cau, year: YEAR, minBeta: '0.5', maxBeta: '0.4' };
const refused = dataOf(await client.mutation(PROPOSE, { input: wrong })).proposeCoefficients;
assert.throws(() => done(refused), (error: Refused) => error.userErrors[0]?.code === 'INVALID_ARGUMENT');

const proposal = await propose(client, plant.cau, 0.7);
assert.ok(proposal.selfConsumedKwh > 60_000);

const accepted = dataOf(await client.mutation(ACCEPT, { proposal: proposal.id, year: 2028 }));
const { agreement } = done(accepted.acceptProposal);
if (!agreement) throw new Error('no agreement');
assert.equal(agreement.state, 'PUBLISHED');

const workbook = await download(url, proposal.downloads.report);
assert.equal(new TextDecoder().decode(workbook.slice(0, 2)), 'PK');
const lines = new TextDecoder().decode(await download(url, agreement.downloads.distributorFile)).split('\r\n');
assert.match(lines[0] ?? '', /^ES\w{20};[01],\d{6}$/);

const file = new File(['cups;fecha;hora;consumo_kWh\n'], 'lecturas.csv');
const found = dataOf(await client.query(DETECT, { upload: await upload(url, headers, file) }));
assert.equal(found.detectFile?.nextStep, 'IMPORT_FILE');

await close();
console.log(`urql listed ${totalCount} members, drew a year, and accepted ${lines.length - 1} coefficients`);
