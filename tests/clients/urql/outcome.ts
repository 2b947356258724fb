// The three ways in which an answer can fail, in the order in which to look.
import type { AnyVariables, OperationResult } from '@urql/core';

interface UserError {
  code: string;
  message: string;
  path: string[];
}

/** What the business refuses: for people to read beside the field that `path` names. */
export class Refused extends Error {
  constructor(readonly userErrors: UserError[]) {
    super(userErrors.map((error) => error.message).join('\n'));
  }
}

/** Gives the data of an answer; a network that fails, and what the schema rules out, are thrown. */
export function dataOf<Data, Variables extends AnyVariables>(
  answer: OperationResult<Data, Variables>,
): Data {
  if (answer.error) throw answer.error;
  if (!answer.data) throw new Error('no answer');
  return answer.data;
}

/** Gives what a mutation did, or throws what it was refused for. */
export function done<Payload extends { userErrors: UserError[] }>(payload: Payload): Payload {
  if (payload.userErrors.length > 0) throw new Refused(payload.userErrors);
  return payload;
}
