import type { components } from './schema'

export type Problem = Partial<components['schemas']['Problem']>

/** A refusal of the server: an RFC 9457 problem document, whose detail is a sentence for people. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail || `The server answered ${status}.`)
    this.name = 'ProblemError'
  }

  /** The run that is in the way, where one is. */
  get runId(): number | undefined {
    return this.problem.run_id
  }

  /** What is wrong with single fields: the field's path in the body and a sentence. */
  get fields(): { field: string; message: string }[] {
    return (this.problem.errors ?? []).map((e) => ({
      field: (e.location ?? '').replace(/^body\./, ''),
      message: e.message ?? '',
    }))
  }
}

/** Nothing answered: the network is away, or the server. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The server does not answer. Nothing was changed; try again when the connection is back.', { cause })
    this.name = 'Unreachable'
  }
}

/** Any error as a sentence for people. */
export function sentence(error: unknown): string {
  if (error instanceof ProblemError) {
    const more = error.fields.map((f) => f.message).filter((m) => m && !error.message.includes(m))
    return [error.message, ...more].join(' ')
  }
  if (error instanceof Unreachable) return error.message
  return 'Something went wrong in this page. Reload it; if it happens again, tell whoever runs this system.'
}

export const isConflict = (error: unknown) => error instanceof ProblemError && error.status === 409
export const isNotFound = (error: unknown) => error instanceof ProblemError && error.status === 404
