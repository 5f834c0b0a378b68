/** How many bytes does a record take on disk? */
import { RECORDS, type Report } from './lib/bench.ts'
import { putAll } from './lib/exchange.ts'
import { makeInvoices } from './lib/invoices.ts'
import { Peer, peerNames, type PeerKind } from './lib/peer.ts'
import { row } from './lib/print.ts'
import { PEER_COLLECTION } from './lib/reading.ts'
import { bytesOf, removeFile, scratchFile } from './lib/scratch.ts'
import { openWorkspace } from './lib/workspace.ts'

const widths = [58, 10]

function line(name: string, file: string): string {
  const perRecord = bytesOf(file) / RECORDS
  removeFile(file)
  return row([name, perRecord.toFixed(0)], widths)
}

function peerLine(kind: PeerKind): string {
  const file = scratchFile()
  const peer = new Peer(file, kind, 'NORMAL')
  peer.fill(PEER_COLLECTION, makeInvoices(RECORDS))
  peer.close()
  return line(peerNames[kind], file)
}

/** `updates`: how often each record is changed after it was made. */
async function ourLine(name: string, kept: boolean, updates: number): Promise<string> {
  const file = scratchFile()
  const workspace = await openWorkspace({ file, kept })
  await putAll(workspace, RECORDS)
  for (let update = 1; update <= updates; update += 1) await putAll(workspace, RECORDS, `sent ${update}`)
  await workspace.close()
  return line(name, file)
}

async function lines(): Promise<string[]> {
  const json = makeInvoices(RECORDS).reduce((sum, invoice) => sum + JSON.stringify(invoice).length, 0)
  return [
    row(['JSON text alone', (json / RECORDS).toFixed(0)], widths),
    ...(['raw', 'cipher', 'sealed'] as const).map(peerLine),
    await ourLine('hub, no history', false, 0),
    await ourLine('hub, no history, each record updated twice', false, 2),
    await ourLine('hub, history + audit', true, 0),
    await ourLine('hub, history + audit, each record updated twice', true, 2),
  ]
}

export const fileSize: Report = { title: 'File size: bytes per record, the closed file', lines }
