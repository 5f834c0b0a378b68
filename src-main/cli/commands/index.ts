/** Every command of `klum` by its name. */
import type { Command } from '../command.ts'
import {
  countersign,
  decline,
  narrow,
  proposeAgreement,
  renew,
  resume,
  suspend,
  takeAgreementFile,
  withdraw,
} from './agreement-acts.ts'
import { agreementOutbox, applyAgreement, exportAgreement } from './agreement-deliveries.ts'
import {
  agreementLog,
  compareAgreement,
  listAgreements,
  previewAgreement,
  showAgreement,
} from './agreements.ts'
import { conflict, conflicts, decide, decideMany, undo } from './conflicts.ts'
import { allowExport, exportRecords } from './export.ts'
import { dockImport, dockInspect, dockPlan } from './dock.ts'
import { dryRun, importBundle, imports, undoImport } from './import.ts'
import { inspect } from './inspect.ts'
import { listProfilesCommand, removeProfile, saveProfileCommand, showProfile } from './profiles.ts'
import { exceptions, periods } from './periods.ts'
import { backup, receipt, verifyAuditChains, verifyBackup, verifyReceiptFile } from './verify.ts'

export const commands: ReadonlyMap<string, Command> = new Map([
  ['inspect', inspect],
  ['dry-run', dryRun],
  ['import', importBundle],
  ['imports', imports],
  ['dock inspect', dockInspect],
  ['dock plan', dockPlan],
  ['dock import', dockImport],
  ['profiles list', listProfilesCommand],
  ['profiles show', showProfile],
  ['profiles save', saveProfileCommand],
  ['profiles remove', removeProfile],
  ['undo-import', undoImport],
  ['conflicts', conflicts],
  ['conflict', conflict],
  ['decide', decide],
  ['decide-many', decideMany],
  ['undo', undo],
  ['periods', periods],
  ['exceptions', exceptions],
  ['agreements list', listAgreements],
  ['agreements show', showAgreement],
  ['agreements propose', proposeAgreement],
  ['agreements take', takeAgreementFile],
  ['agreements countersign', countersign],
  ['agreements decline', decline],
  ['agreements suspend', suspend],
  ['agreements resume', resume],
  ['agreements narrow', narrow],
  ['agreements renew', renew],
  ['agreements withdraw', withdraw],
  ['agreements preview', previewAgreement],
  ['agreements export', exportAgreement],
  ['agreements apply', applyAgreement],
  ['agreements outbox', agreementOutbox],
  ['agreements log', agreementLog],
  ['agreements compare', compareAgreement],
  ['allow-export', allowExport],
  ['export', exportRecords],
  ['receipt', receipt],
  ['verify-receipt', verifyReceiptFile],
  ['verify-audit', verifyAuditChains],
  ['backup', backup],
  ['verify-backup', verifyBackup],
])
