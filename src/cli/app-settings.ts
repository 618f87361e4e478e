// The app's options derived from the settings, the same in every process that serves requests.

import { STREAM_LIMITS } from '../server/plugins/use-event-stream.ts'
import { EXPORT_LIMITS } from '../server/routes/export-route.ts'
import type { StreamLimits } from '../server/streams.ts'
import type { Config } from './config.ts'

export async function appSettings(config: Config) {
  const { host, allowedHosts, publicUrl, trustedProxies, corsOrigins, corsHeaders } = config
  const { rate, jwt, signIn, workers } = config
  return {
    hosts: [host, ...allowedHosts, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])],
    base: publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, ''),
    trustedProxies,
    origins: corsOrigins,
    originHeaders: corsHeaders,
    // Loaded only if needed.
    jwt: jwt && (await import('../auth/jwt.ts')).createJwtVerifier(jwt),
    signIn:
      signIn && publicUrl !== null
        ? {
            issuer: (await import('../auth/issuer.ts')).createIssuer(signIn),
            publicUrl,
            lasts: signIn.session,
          }
        : null,
    rate: { perSecond: rate, burst: 2 * rate },
    streams: shareOf(STREAM_LIMITS, workers),
    exports: shareOf(EXPORT_LIMITS, workers),
  }
}

/** One process's share of a limit for all processes together; of a viewer's limit, at least two. */
function shareOf(
  { most, mostOfViewer }: Pick<StreamLimits, 'most' | 'mostOfViewer'>,
  workers: number,
) {
  return {
    most: Math.ceil(most / workers),
    mostOfViewer: Math.max(2, Math.ceil(mostOfViewer / workers)),
  }
}
