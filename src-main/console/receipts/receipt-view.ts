/** A receipt that holds, as a person reads it: names instead of ids where this office has them. */
import {
  listSenders,
  ownIdentity,
  type Receipt,
  type ReceiptDecision,
  type ReceiptProof,
} from '@klum-db/lobby'
import { hintFor } from '@klum-db/lobby/templates'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { ReceiptChain, ReceiptDecisionView, ReceiptSigner } from '../../../src-shared/ipc/receipts.ts'
import { clientNames } from '../clients/names.ts'
import { personName } from '../people.ts'
import { currentTitle, recordTitles } from '../records.ts'
import type { Open } from '../session.ts'

const decisionsListed = 1000

export async function receiptView(
  open: Open,
  proof: ReceiptProof,
  signal: AbortSignal,
): Promise<OutputOf<'receipts.check'>> {
  const { receipt, party, fingerprint } = proof
  const signer = await signerOf(open, proof)
  const nameOf = await clientNames(open.state)
  const here = await vaultsHere(open, receipt)
  const chains = []
  for (const vault of receipt.vaults) {
    signal.throwIfAborted()
    chains.push({ vaultName: nameOf(vault.vault), state: await chainState(open, vault, here, signal) })
  }
  const decisions = []
  for (const decision of receipt.decisions.slice(0, decisionsListed)) {
    const actor = signer === 'own' ? (personName(open, decision.actor) ?? decision.actor) : party
    decisions.push({
      ...(await decisionView(open, decision, here)),
      vaultName: nameOf(decision.vault),
      actor,
    })
  }
  return {
    issuedAt: receipt.issuedAt,
    party,
    fingerprint,
    signer,
    imports: receipt.imports.map(({ party: sender, fileName, appliedAt, status }) => {
      return { party: sender, fileName, appliedAt, undone: status === 'undone' }
    }),
    chains,
    total: receipt.decisions.length,
    decisions,
  }
}

async function signerOf({ db }: Open, { party, publicKey }: ReceiptProof): Promise<ReceiptSigner> {
  if ((await ownIdentity(db)).publicKey === publicKey) return 'own'
  const senders = await listSenders(db)
  if (senders.some((sender) => sender.party === party && sender.publicKey === publicKey)) return 'known'
  return senders.some((sender) => sender.party === party) ? 'changed' : 'unknown'
}

type ReceiptVault = Receipt['vaults'][number]

/** Names that two offices give to different clients are told apart by the vault's own id. */
async function vaultsHere(open: Open, { vaults }: Receipt): Promise<ReadonlySet<string>> {
  const here = new Set<string>()
  for (const { vault, vaultUlid } of vaults) {
    if (!open.templateNames.has(vault)) continue
    if ((await (await open.vault(vault)).getBundleHandle()) === vaultUlid) here.add(vault)
  }
  return here
}

async function chainState(
  open: Open,
  { vault, audit }: ReceiptVault,
  here: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReceiptChain> {
  if (audit === null) return 'none'
  if (!here.has(vault)) return 'not-here'
  const trail = (await open.vault(vault)).audit
  const [entry] = await trail.list({ limit: 1, before: audit.seq + 1 })
  const isThere = entry?.seq === audit.seq && entry.hash === audit.hash
  return isThere && (await trail.verify({ signal })).ok ? 'holds' : 'broken'
}

async function decisionView(
  open: Open,
  decision: ReceiptDecision,
  here: ReadonlySet<string>,
): Promise<Omit<ReceiptDecisionView, 'vaultName' | 'actor'>> {
  const { vault, collection, recordId, choice, picks = [], party, decidedAt, versions, reason } = decision
  const titles = recordTitles(open)
  const template = here.has(vault) ? titles.template({ vault, collection }) : undefined
  const row = { vault, collection, id: recordId }
  return {
    collection,
    recordId,
    title: here.has(vault) ? await currentTitle(open, titles, row) : recordId,
    choice,
    picks: picks.map(({ path, pick }) => ({ label: hintFor(template, path).label, pick })),
    party,
    decidedAt,
    before: versions.before,
    after: versions.after,
    reason,
  }
}
