// What the program asks, typed by the schema: a wrong field or variable does not compile.
import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.js';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Cau: string; Euro: string; DateTime: string; Kwh: number; KwhValues: number[]; Share: number };
}>();

// `relayPagination` finds no page that was asked for without `first` or `after`.
export const COMMUNITIES = graphql(`
  query Communities {
    communities(first: 25) {
      totalCount
      edges { node { id code name installations(first: 1) { edges { node { id cau } } } } }
    }
  }
`);

export const MEMBERS = graphql(`
  query Members($community: ID!, $after: String) {
    community(id: $community) {
      id
      members(first: 10, after: $after) {
        totalCount
        edges { node { id code } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const ENERGY = graphql(`
  query Energy($cau: Cau!, $year: Int!, $resolution: Resolution!) {
    installation(cau: $cau) {
      id
      generation: energy(year: $year, measure: GENERATION, resolution: $resolution) { start step values }
      used: energy(year: $year, measure: SELF_CONSUMED, resolution: $resolution) { start step values }
    }
  }
`);

export const PROPOSE = graphql(`
  mutation Propose($input: ProposeCoefficientsInput!) {
    proposeCoefficients(input: $input) {
      job { id }
      userErrors { __typename code message path }
    }
  }
`);

export const JOB = graphql(`
  subscription Job($id: ID!) {
    job(id: $id) {
      id state progress stage
      error { code message ... on InfeasibleUserError { largestFloor } }
      result { ... on CoefficientProposal { id selfConsumedKwh savingsEur downloads { report(language: CA) } } }
    }
  }
`);

export const ACCEPT = graphql(`
  mutation Accept($proposal: ID!, $year: Int!) {
    acceptProposal(input: { proposalId: $proposal, fileYear: $year }) {
      agreement { id state downloads { distributorFile } }
      userErrors { __typename code message path }
    }
  }
`);

export const DETECT = graphql(`
  query Detect($upload: ID!) {
    detectFile(uploadId: $upload) { nextStep needs detection { format reason } }
  }
`);
