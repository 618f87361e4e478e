// nginx and HAProxy in front of a server: each adds a header to the requests that it passes on, and reuses its connections
// to the server, so that smuggled requests arrive without the header.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from './ports.ts'

export const MARK = 'x-passed-on'

interface Proxy {
  readonly name: string
  readonly isThere: boolean
  /** Its command; writes its files into `folder`. */
  command(folder: string, port: number, behind: number): readonly string[]
}

export const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    isThere: spawnSync('nginx', ['-v']).status === 0,
    command(folder, port, behind) {
      const file = join(folder, 'nginx.conf')
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      writeFileSync(
        file,
        `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
        events {}
        http {
          ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
          access_log off;
          keepalive_timeout 300ms; client_header_timeout 300ms; client_body_timeout 300ms;
          upstream behind { server 127.0.0.1:${behind}; keepalive 1; }
          server {
            listen 127.0.0.1:${port};
            location / {
              proxy_pass http://behind;
              proxy_http_version 1.1;
              proxy_request_buffering off;
              proxy_set_header Host $http_host;
              proxy_set_header Connection "";
              proxy_set_header ${MARK} yes;
            }
          }
        }`,
      )
      return ['nginx', '-c', file, '-p', folder, '-e', join(folder, 'nginx.log')]
    },
  },
  {
    name: 'haproxy',
    isThere: spawnSync('haproxy', ['-v']).status === 0,
    command(folder, port, behind) {
      const file = join(folder, 'haproxy.cfg')
      writeFileSync(
        file,
        `defaults
          mode http
          http-reuse always
          timeout connect 1s
          timeout client 300ms
          timeout server 5s
          timeout http-request 300ms
          timeout http-keep-alive 300ms
        frontend front
          bind 127.0.0.1:${port}
          http-request set-header ${MARK} yes
          default_backend behind
        backend behind
          server only 127.0.0.1:${behind}\n`,
      )
      return ['haproxy', '-db', '-f', file]
    },
  },
]

/** Starts it in front of the port `behind`. */
export async function startProxy(
  proxy: Proxy,
  folder: string,
  behind: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort()
  const [command = '', ...args] = proxy.command(folder, port, behind)
  const child = spawn(command, args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${proxy.name} ended with ${child.exitCode}`)
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => setTimeout(resolve, 5, false))
    socket.once('connect', () => resolve(true)).once('connect', () => socket.destroy())
  })
}
