/** An answer of the REST interface that is no success. */
export class AdminApiError extends Error {
  constructor(
    /** Method and path that were asked. */
    readonly request: string,
    /** HTTP status code. */
    readonly status: number,
    /** The body, as it came. */
    readonly body: string,
  ) {
    super(`${request}: HTTP ${status}: ${body.slice(0, 500)}`);
  }
}

/** The least of the REST interface that setting a gateway up takes. */
export class AdminApi {
  /**
   * @param base the administrators' listener, without a path
   * @param token bearer token
   */
  constructor(
    private readonly base: URL,
    private readonly token: string,
  ) {}

  /** The JSON at a path below /api/v1/. */
  get<T>(path: string): Promise<T> {
    return this.ask('GET', path);
  }

  /** Whether there is something at a path below /api/v1/. */
  async has(path: string): Promise<boolean> {
    try {
      await this.get(path);
      return true;
    } catch (error) {
      if (error instanceof AdminApiError && error.status === 404) return false;
      throw error;
    }
  }

  /** Posts JSON to a path below /api/v1/ and returns the JSON that comes back. */
  post<T>(path: string, body: object): Promise<T> {
    return this.ask('POST', path, body);
  }

  /** Registers end entities, several at a time. */
  async register(endEntities: readonly object[], concurrency = 8): Promise<void> {
    const queue = endEntities.values();
    const work = async (): Promise<void> => {
      for (const endEntity of queue) await this.post('end-entities', endEntity);
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(new URL(`/api/v1/${path}`, this.base), {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new AdminApiError(`${method} ${path}`, response.status, text);
    return JSON.parse(text) as T;
  }
}
