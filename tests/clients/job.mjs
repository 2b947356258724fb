// What every client of subscriptions asks: a job to follow, and news.
export const JOB = 'subscription ($id: ID!) { job(id: $id) { state progress stage } }';
export const NEWS = 'subscription ($after: String) { notifications(after: $after) { kind noted: notedAt subject { id } } }';

const QUESTION = '{ communities(first: 1) { edges { node { installations(first: 1) { edges { node { cau } } } } } } }';
const PROPOSE = 'mutation ($cau: Cau!) { proposeCoefficients(input: { cau: $cau, year: 2025 }) { job { id } userErrors { message } } }';

async function ask(url, token, query, variables = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Asks for coefficients of the first plant, and gives the job's id. */
export async function propose(url, token) {
  const { communities } = await ask(url, token, QUESTION);
  const { cau } = communities.edges[0].node.installations.edges[0].node;
  const { proposeCoefficients } = await ask(url, token, PROPOSE, { cau });
  return proposeCoefficients.job.id;
}

/** Gives the answers of a subscription: all of them, or the first few. */
export function follow(client, request, most = Infinity) {
  return new Promise((resolve, reject) => {
    const answers = [];
    const stop = client.subscribe(request, {
      next: (answer) => {
        answers.push(answer);
        if (answers.length >= most) stop();
      },
      error: reject,
      complete: () => resolve(answers),
    });
  });
}
