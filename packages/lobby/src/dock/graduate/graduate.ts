/**
 * Onboards a docked unit as a vault of its own. All rows are read, mapped and tried against the template on a scratch
 * vault first; the real one is made when they are known to fit, filled in one transaction, and taken back if that fails.
 */
import {
  createDeedOwner,
  createNoydb,
  ReservedVaultNameError,
  STATE_VAULT_NAME,
  ValidationError,
} from '@noy-db/hub'
import type { DecryptedRecord } from '@noy-db/hub'
import type { Noydb, Vault } from '@noy-db/hub/kernel'
import { memory } from '@noy-db/hub/memory'
import { ImportRefusedRowsError } from '../../errors.ts'
import { mergeDecryptedRecords } from '../../interchange/merge-records.ts'
import type { DockedUnit } from '../docked-unit.ts'
import { UnitGraduationError } from './error.ts'
import { refusal, stageUnit } from './stage.ts'
import type { GraduateOptions, GraduationReport, GraduationWarning } from './types.ts'

type Staged = Record<string, readonly DecryptedRecord[]>

const REASON = 'dock:graduate'

/**
 * A failing event or registration is a warning in the report: by then the records are in.
 * @throws UnitGraduationError, ReservedVaultNameError, ValidationError for the shard; then no vault was left behind
 */
export async function graduate(
  db: Noydb,
  unit: DockedUnit,
  options: GraduateOptions,
): Promise<GraduationReport> {
  const { vaultName, deed } = options
  assertTarget(options)
  const existed = await db._shardVaultProvisioned(vaultName)
  if (existed) await assertEmpty(await openTarget(db, options, false), vaultName)
  const staged = await stageUnit(unit, options)
  await rehearse(staged, options)
  options.signal?.throwIfAborted()
  let importId: string | undefined
  try {
    const vault = await openTarget(db, options, true)
    // Before the records: a vault that holds some is not taken back.
    if (deed !== undefined) await createDeedOwner(db._store, vaultName, deed.ownerId, deed.sealingProvider)
    importId = (await mergeDecryptedRecords(vault, staged, mergeOptions(db))).importId
  } catch (error) {
    if (!existed) await takeBack(db, vaultName, error)
    throw error instanceof ImportRefusedRowsError ? refusedRows(error) : error
  }
  const warnings = await announce(unit, options)
  return {
    vaultName,
    collections: Object.fromEntries(
      Object.entries(staged).map(([name, rows]) => [name, { graduated: rows.length }]),
    ),
    deedSealed: deed !== undefined,
    event: { type: 'unit-graduated', unitId: unit.unitId, vault: vaultName },
    ...(warnings.length > 0 && { warnings }),
    ...(importId !== undefined && { importId }),
  }
}

function assertTarget({ vaultName, register }: GraduateOptions): void {
  if (vaultName === STATE_VAULT_NAME) throw new ReservedVaultNameError(vaultName)
  if (register === undefined || register.group.shardVaultId(register.partitionKey) === vaultName) return
  throw new ValidationError(`The vault of the shard ${register.partitionKey} is not called ${vaultName}.`)
}

async function openTarget(db: Noydb, options: GraduateOptions, create: boolean): Promise<Vault> {
  const vault = await db.openVault(options.vaultName, { create })
  options.template.configure(vault)
  return vault
}

/** A graduation makes a client's vault; records that are there already are not looked for a place among. */
async function assertEmpty(vault: Vault, name: string): Promise<void> {
  for (const collection of await vault.collections()) {
    if ((await vault.collection(collection).count()) === 0) continue
    throw new UnitGraduationError(`The vault ${name} holds records of ${collection} already.`)
  }
}

/** Schemas and references, without a trace: an instance in memory takes the rows as the real one will. */
async function rehearse(staged: Staged, options: GraduateOptions): Promise<void> {
  const scratch = await createNoydb({ store: memory(), user: 'rehearsal', encrypt: false })
  try {
    const vault = await openTarget(scratch, options, true)
    await mergeDecryptedRecords(vault, staged, { strategy: 'take-incoming', dryRun: true })
  } catch (error) {
    throw error instanceof ImportRefusedRowsError ? refusedRows(error) : error
  } finally {
    scratch.close()
  }
}

function mergeOptions(db: Noydb) {
  return { strategy: 'take-incoming', reason: REASON, db } as const
}

function refusedRows(error: ImportRefusedRowsError): UnitGraduationError {
  const faults = error.rows.map(({ collection, id, fault }) => {
    const where = fault.path === undefined ? '' : `${fault.path}: `
    return { collection, row: 0, id, message: where + fault.message }
  })
  return Object.assign(refusal(faults), { cause: error })
}

async function takeBack(db: Noydb, vaultName: string, error: unknown): Promise<void> {
  try {
    await db._discardVault(vaultName)
  } catch (second) {
    const message = `${vaultName} could not be filled, nor taken back.`
    throw new AggregateError([error, second], message, { cause: second })
  }
}

async function announce(unit: DockedUnit, options: GraduateOptions): Promise<GraduationWarning[]> {
  const { vaultName, stateVault, register } = options
  const warnings: GraduationWarning[] = []
  const attempt = async (step: GraduationWarning['step'], work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      warnings.push({ step, message: error instanceof Error ? error.message : String(error) })
    }
  }
  if (register !== undefined)
    await attempt('registration', () => register.group.createShard(register.partitionKey))
  const event = { group: vaultName, vaultId: vaultName, detail: `Unit ${unit.unitId} graduated.` }
  if (stateVault !== undefined)
    await attempt('event', () => stateVault.appendEvent({ type: 'unit-graduated', ...event }))
  return warnings
}
