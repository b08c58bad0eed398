// The real daemon, on a free port with a store of its own, for one test file.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CONFIG = 'check_interval_seconds: 1\ncollect:\n  host:\n    interval: 1s\n';
const PORTS = fileURLToPath(new URL('../ports.py', import.meta.url));
// For a machine that has much else to do; how fast it is, the benches say.
const READY_MS = 120_000;
const DRAIN_MS = 60_000;

/** True when the tests may stop and start the daemon. */
export const owned = !process.env.LOADLINE_URL;

/** A port, and the process that keeps it from other tests until it is killed. */
async function freePort() {
  const keeper = spawn('python3', [PORTS], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(keeper.stdout, 'data');
  return { keeper, port: Number(line) };
}

async function answers(url, headers = {}) {
  const until = Date.now() + READY_MS;
  for (;;) {
    try {
      const response = await fetch(url + 'api/v1/summary', { headers });
      // A CPU figure takes two looks at its counters.
      const cpu = response.ok && (await response.json()).resources.find((r) => r.resource_type === 'CPU');
      if (cpu && cpu.utilization_pct !== null) return;
    } catch {
      // not listening yet
    }
    if (Date.now() > until) throw new Error(`${url} did not answer with data within ${READY_MS} ms`);
    await sleep(50);
  }
}

const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

/** A web file with these tokens, { text: role }. */
function webFile(tokens, more = '') {
  const row = ([text, role]) =>
    `  - {name: ${role}, role: ${role}, sha256: ${createHash('sha256').update(text).digest('hex')}}\n`;
  return `tokens:\n${Object.entries(tokens).map(row).join('')}${more}`;
}

export class Daemon {
  /** With tokens, { text: role }, the API wants one of them; the first is ours.  `more` is added to
   *  the configuration, `environment` to what the program finds there. */
  static async start({ tokens, more = '', environment = {} } = {}) {
    const daemon = new Daemon();
    daemon.environment = environment;
    daemon.token = tokens && Object.keys(tokens)[0];
    if (!owned) {
      daemon.url = process.env.LOADLINE_URL.replace(/\/?$/, '/');
      await answers(daemon.url);
      return daemon;
    }
    daemon.directory = mkdtempSync(join(tmpdir(), 'loadline-web-'));
    daemon.config = join(daemon.directory, 'loadline.yml');
    writeFileSync(daemon.config, CONFIG + more);
    if (tokens) daemon.setTokens(tokens);
    const { keeper, port } = await freePort();
    daemon.keeper = keeper;
    daemon.address = `127.0.0.1:${port}`;
    daemon.url = `http://${daemon.address}/`;
    await daemon.up();
    return daemon;
  }

  /** Writes the web file; a running daemon follows on SIGHUP. */
  setTokens(tokens, more) {
    this.webFile = join(this.directory, 'web.yml');
    writeFileSync(this.webFile, webFile(tokens, more));
    this.child?.kill('SIGHUP');
  }

  /** Starts the program, on the same port and store as before. */
  async up() {
    const program = process.env.LOADLINE_BIN;
    if (!program) throw new Error('LOADLINE_BIN names no program (nor LOADLINE_URL a running one)');
    this.child = spawn(
      program,
      [
        'serve',
        `--config.file=${this.config}`,
        `--web.listen-address=${this.address}`,
        `--storage.path=${join(this.directory, 'data')}`,
        ...(this.webFile ? [`--web.config.file=${this.webFile}`] : []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...this.environment } },
    );
    this.log = '';
    this.child.stderr.on('data', (text) => (this.log = (this.log + text).slice(-4000)));
    const failed = new Promise((_, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}:\n${this.log}`)));
    });
    failed.catch(() => {}); // its end is expected later on
    await Promise.race([answers(this.url, bearer(this.token)), failed]);
  }

  /** Ends the program and keeps its store. */
  async down() {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS);
    await ended;
    clearTimeout(late);
  }

  async stop() {
    if (!owned) return;
    await this.down();
    this.keeper.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async get(path) {
    const response = await fetch(this.url + 'api/v1/' + path, { headers: bearer(this.token) });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return response.json();
  }

  post(path, body) {
    return this.write('POST', path, body);
  }

  put(path, body) {
    return this.write('PUT', path, body);
  }

  async write(method, path, body) {
    const response = await fetch(this.url + 'api/v1/' + path, {
      method,
      headers: { ...bearer(this.token), 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok || answer.rejected?.length)
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer).slice(0, 400)}`);
    return answer;
  }
}
