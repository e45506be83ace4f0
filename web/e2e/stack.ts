// The product as its users have it, on loopback, with a data directory of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Faults } from './simulator'

const root = resolve(import.meta.dirname, '../..')
const patience = 90_000

const portFlags = ['api', 'api-metrics', 'worker-metrics', 'temporal', 'temporal-ui', 'postgres', 'portal'] as const

// Runs devstack for as long as its standard input is open, that is at most as long as this process lives, however it ends: Playwright
// kills a worker that hangs, and then nobody calls down(). What devstack has started ends with it.
const whileOpen = `
exec 3<&0
"$@" </dev/null &
stack=$!
{ cat <&3 >/dev/null; kill -TERM $stack 2>/dev/null; } &
wait $stack`

export class Stack {
  private child?: ChildProcess
  private said = ''

  private constructor(
    private readonly data: string,
    private readonly ports: Record<(typeof portFlags)[number], number>,
  ) {}

  static async start(): Promise<Stack> {
    const ports = await freePorts(portFlags.length)
    const stack = new Stack(
      mkdtempSync(join(tmpdir(), 'fossawork-web-')),
      Object.fromEntries(portFlags.map((name, i) => [name, ports[i]])) as Stack['ports'],
    )
    try {
      await stack.up()
    } catch (error) {
      await stack.end()
      throw error
    }
    return stack
  }

  get url() {
    return `http://127.0.0.1:${this.ports.api}`
  }

  get portal() {
    return `http://127.0.0.1:${this.ports.portal}`
  }

  /** Starts everything, and waits until it is ready. */
  async up(): Promise<void> {
    this.said = ''
    const flags = portFlags.flatMap((name) => [`--${name}-port`, String(this.ports[name])])
    const child = spawn('sh', ['-c', whileOpen, 'sh', join(root, 'bin/devstack'), 'up', '--data-dir', this.data, ...flags], {
      cwd: root,
      env: {
        ...unconfigured(),
        FOSSAWORK_MIN_INTERVAL: '1m',
        FOSSAWORK_LOGIN_GAP: '0s',
        FOSSAWORK_BREAKER_ACCOUNTS: '0',
        FOSSAWORK_ADMIN_EMAILS: 'tech@example.com',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // Ctrl-C is for Playwright, which then ends the stack in order
    })
    this.child = child
    await new Promise<void>((ready, failed) => {
      const timer = setTimeout(() => failed(new Error(`not ready in time:\n${this.said}`)), patience)
      const hear = (chunk: Buffer) => {
        this.said = (this.said + chunk.toString()).slice(-20_000)
        if (this.said.includes('ready after')) {
          clearTimeout(timer)
          ready()
        }
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', (code) => {
        clearTimeout(timer)
        failed(new Error(`the stack ended with ${code}:\n${this.said}`))
      })
    })
  }

  /** Stops everything; the data stays. */
  async down(): Promise<void> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.stdin?.end()
    // Who hangs is not waited for any longer.
    const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), patience)
    await ended
    clearTimeout(timer)
  }

  async end(): Promise<void> {
    await this.down()
    rmSync(this.data, { recursive: true, force: true })
  }

  /** Makes the portal misbehave for one account. */
  async fault(fault: Faults): Promise<void> {
    await this.sim('POST', '/_sim/faults', fault)
  }

  async heal(account: string): Promise<void> {
    await this.sim('DELETE', `/_sim/faults?account=${encodeURIComponent(account)}`)
  }

  /** How many open orders the portal has for an account: the truth that a page has to show. */
  async openOrders(account: string): Promise<number> {
    const orders = await this.sim('GET', `/_sim/accounts/${encodeURIComponent(account)}/orders?open=1`)
    return (orders as unknown[]).length
  }

  private async sim(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.portal + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  /** Asks the API as a user; for what a test needs and is not about. */
  async call<T>(token: string, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text ? JSON.parse(text) : undefined) as T
  }

  async signIn(account: string): Promise<string> {
    const signed = await this.call<{ access_token: string }>('', 'POST', '/api/auth/login', { username: account, password })
    return signed.access_token
  }
}

/** The password of all accounts of the simulator. */
export const password = 'demo-password'

/** The environment without settings of the product: a portal that somebody has set for himself must not be tested with. */
function unconfigured(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(FOSSAWORK|DEVSTACK)_/.test(name) || name === 'FOSSAWORK_CHROMIUM'),
  )
}

async function freePorts(n: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: n },
      () =>
        new Promise<ReturnType<typeof createServer>>((ready) => {
          const server = createServer()
          server.listen(0, '127.0.0.1', () => ready(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}
