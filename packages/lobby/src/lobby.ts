/** The entry to everything over many vaults. Further abilities are added as methods that delegate to their own files. */
import {
  ReservedVaultNameError,
  STATE_VAULT_NAME,
  ValidationError,
  VaultTemplateNotFoundError,
} from '@noy-db/hub'
import type { LongWork } from '@noy-db/hub'
import type { Noydb } from '@noy-db/hub/kernel'
import { DockedUnit, type UnitDriver } from './dock/docked-unit.ts'
import { graduate } from './dock/graduate/graduate.ts'
import type { GraduateOptions, GraduationReport } from './dock/graduate/types.ts'
import { exportMultiVaultXlsx, type ExportMultiVaultXlsxOptions } from './export/xlsx/export-closure.ts'
import { openVaultGroup } from './federation/open-group.ts'
import { StateManagementVault } from './federation/registry/state-management-vault.ts'
import type { VaultGroupOptions, VaultTemplate } from './federation/types.ts'
import type { VaultGroup } from './federation/vault-group.ts'
import type { SurfaceRow } from './federation/registry/types.ts'
import type { MergeReport } from './interchange/types.ts'
import { applySurface } from './surfaces/apply-surface.ts'
import { exportSurface, type ExportedSurface } from './surfaces/export-surface.ts'
import { ownGate } from './surfaces/own-gate.ts'

export function createLobby(noydb: Noydb): Lobby {
  return new Lobby(noydb)
}

export class Lobby {
  readonly noydb: Noydb
  readonly #templates = new Map<string, VaultTemplate>()

  constructor(noydb: Noydb) {
    this.noydb = noydb
  }

  /** Replaces one of that name; groups that are open keep the template they were opened with. */
  withVaultTemplate(name: string, template: VaultTemplate): void {
    this.#templates.set(name, template)
  }

  /** @throws ValidationError (closed, name), ReservedVaultNameError, VaultTemplateNotFoundError */
  async openVaultGroup<T>(name: string, opts: VaultGroupOptions<T>): Promise<VaultGroup<T>> {
    this.#assertOpen()
    if (name === STATE_VAULT_NAME) throw new ReservedVaultNameError(name)
    const template = this.#templates.get(opts.sharding.vaultTemplate)
    if (template === undefined) throw new VaultTemplateNotFoundError(opts.sharding.vaultTemplate)
    return openVaultGroup(this.noydb, name, opts, template)
  }

  /** @throws ValidationError once the instance is closed */
  async openStateManagementVault(): Promise<StateManagementVault> {
    this.#assertOpen()
    return StateManagementVault.open(this.noydb)
  }

  /** A foreign unit, to be looked at; nothing is read yet. */
  dock(driver: UnitDriver): DockedUnit {
    return new DockedUnit(driver)
  }

  /** See `dock/graduate/graduate.ts`. @throws ValidationError once closed, UnitGraduationError */
  async graduate(docked: DockedUnit, opts: GraduateOptions): Promise<GraduationReport> {
    this.#assertOpen()
    return graduate(this.noydb, docked, opts)
  }

  /** See `export/xlsx/export-closure.ts`. @throws ValidationError once closed, NoAccessError, ExportCapabilityError */
  async exportMultiVaultXlsx(opts: ExportMultiVaultXlsxOptions, work?: LongWork): Promise<Uint8Array> {
    this.#assertOpen()
    return exportMultiVaultXlsx(this.noydb, opts, work)
  }

  /** By the agreement as it is kept, not by the row. No vault is made. See `surfaces/export-surface.ts` for what it throws. */
  async exportSurface(vaultName: string, surface: SurfaceRow): Promise<ExportedSurface> {
    this.#assertOpen()
    const gate = await ownGate(this.noydb, surface.id)
    return exportSurface(await this.noydb.openVault(vaultName, { create: false }), surface, gate)
  }

  /** By the agreement as it is kept, not by the row. No vault is made. See `surfaces/apply-surface.ts` for what it throws. */
  async applySurface(
    vaultName: string,
    surface: SurfaceRow,
    bundleBytes: Uint8Array,
    transferKey: Uint8Array,
  ): Promise<MergeReport> {
    this.#assertOpen()
    const gate = await ownGate(this.noydb, surface.id)
    const vault = await this.noydb.openVault(vaultName, { create: false })
    return applySurface(vault, surface, bundleBytes, transferKey, gate)
  }

  #assertOpen(): void {
    if (this.noydb.isClosed) throw new ValidationError('Instance is closed')
  }
}
