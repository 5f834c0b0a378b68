/** Proofs: receipts of decisions, audit chains, backups. */
import {
  exportReceipt,
  receiptLimits,
  verifyReceipt,
  type SnapshotProof,
  verifyShardSnapshot,
  writeShardSnapshot,
  type ReceiptScope,
} from '@klum-db/lobby'
import { resolve } from 'node:path'
import { readCapped, writeWhole } from '../../console/capped-files.ts'
import { registeredClients } from '../../console/clients/names.ts'
import type { Open } from '../../console/session.ts'
import { type Arguments, UsageError } from '../arguments.ts'
import { auditLines, checkVaults } from '../audit-report.ts'
import type { Command, Outcome } from '../command.ts'
import { clientCalled, withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'
import { freePath } from './export.ts'

export const receipt: Command = {
  usage: `${workspaceUsage} --out FILE [--batch ID | --import ID | --client CLIENT [--collection NAME]] [--force]`,
  about: 'writes a signed receipt of the decisions that stand: all, of one command, or about one import',
  options: {
    ...workspaceOptions,
    out: { type: 'string', short: 'o' },
    batch: { type: 'string' },
    import: { type: 'string' },
    client: { type: 'string', short: 'c' },
    collection: { type: 'string' },
    force: { type: 'boolean' },
  },
  run: (args, signal) =>
    withWorkspace(args, async (_console, open) => {
      args.noWords()
      const out = freePath(args, 'out')
      const { bytes, ...made } = await exportReceipt(open.db, await scopeOf(open, args), { signal })
      await writeWhole(out, bytes)
      return {
        lines: [`written: ${out}, ${made.decisions} decisions, sha256 ${made.sha256}`],
        data: { file: out, ...made },
      }
    }),
}

async function scopeOf(open: Open, args: Arguments): Promise<ReceiptScope> {
  const [batchId, importId, client, collection] = ['batch', 'import', 'client', 'collection'].map((name) =>
    args.one(name),
  )
  if ([batchId, importId, client ?? collection].filter((one) => one !== undefined).length > 1)
    throw new UsageError('A receipt is about one command, one import, or a client.')
  if (batchId !== undefined) return { kind: 'batch', batchId }
  if (importId !== undefined) return { kind: 'import', importId }
  const vault =
    client === undefined ? undefined : clientCalled(await registeredClients(open.state), client).vaultId
  return {
    kind: 'queue',
    ...(vault !== undefined && { vault }),
    ...(collection !== undefined && { collection }),
  }
}

export const verifyReceiptFile: Command = {
  usage: 'FILE [--key BASE64]',
  about: 'checks a receipt; needs nothing but the file. With --key, that it was signed with this key',
  options: { key: { type: 'string' } },
  async run(args) {
    const path = resolve(args.onlyWord('The receipt'))
    const bytes = await readCapped(path, receiptLimits.receiptBytes)
    const publicKey = args.one('key')
    const proof = verifyReceipt(bytes, publicKey === undefined ? {} : { publicKey })
    const { issuedAt, decisions } = proof.receipt
    const known = proof.keyCompared
      ? 'the key you named'
      : `a key that calls itself ${proof.party}; compare its fingerprint`
    return {
      lines: [
        `good: ${decisions.length} decisions, issued ${issuedAt} by ${proof.party}`,
        `signed with ${known}: ${proof.fingerprint}`,
        ...decisions.map(
          ({ decidedAt, actor, vault, collection, recordId, choice, reason }) =>
            `  ${decidedAt}  ${actor}: ${choice} for ${vault}/${collection}/${recordId}${reason === null ? '' : ` (${reason})`}`,
        ),
      ],
      data: { ok: true, file: path, ...proof },
    }
  },
}

export const verifyAuditChains: Command = {
  usage: workspaceUsage,
  about: 'checks the audit chains of every client and of the workspace; exit code 1 where one does not hold',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      args.noWords()
      const vaults = await checkVaults(open.db)
      const ok = vaults.every((vault) => vault.ok)
      return { lines: auditLines(vaults), data: { ok, vaults }, holds: ok }
    }),
}

export const backup: Command = {
  usage: `${workspaceUsage} --client CLIENT --out FILE [--force]`,
  about: 'writes a backup of one client and proves it',
  options: {
    ...workspaceOptions,
    client: { type: 'string', short: 'c' },
    out: { type: 'string', short: 'o' },
    force: { type: 'boolean' },
  },
  run: (args, signal) =>
    withWorkspace(args, async (_console, open) => {
      args.noWords()
      const out = freePath(args, 'out')
      const { vaultId } = clientCalled(await registeredClients(open.state), args.need('client'))
      await writeShardSnapshot(await open.vault(vaultId), out, { signal })
      return proved(out, await verifyShardSnapshot(out, { db: open.db }, { signal }))
    }),
}

export const verifyBackup: Command = {
  usage: `FILE ${workspaceUsage}`,
  about: 'proves a backup of a client: read to its end, opened with the keys that lie in it',
  options: workspaceOptions,
  run: (args, signal) =>
    withWorkspace(args, async (_console, open) => {
      const path = resolve(args.onlyWord('The backup'))
      return proved(path, await verifyShardSnapshot(path, { db: open.db }, { signal }))
    }),
}

function proved(file: string, proof: SnapshotProof): Outcome {
  const { vault, createdAt, createdBy, rows, opened } = proof
  return {
    lines: [`good: ${vault}, made ${createdAt} by ${createdBy}, ${rows} rows, ${opened} opened`],
    data: { ok: true, file, ...proof },
  }
}
