/** Commands of the audit trail in words; one that is not known stands as it is. */
const words: Readonly<Record<string, string>> = {
  'clients.create': 'created the client',
  'clients.saveRecord': 'edited a record',
  'imports.apply': 'imported a file',
  'periods.close': 'closed a period',
  'periods.reopen': 'reopened a period',
  'imports.undo': 'undid an import',
  'conflicts.decide': 'decided a conflict',
  'conflicts.decideMany': 'decided conflicts by rule',
  'conflicts.undo': 'undid decisions',
  'bundles.export': 'exported a bundle',
  'workspace.create': 'created the workspace',
  'templates.import': 'imported a template',
  'workspace.recover': 'used the recovery code',
  'workspace.changePassphrase': 'changed the passphrase',
  'workspace.setRecoveryCode': 'made a recovery code',
  'workspace.removeRecoveryCode': 'removed the recovery code',
  'settings.save': 'changed settings',
  'exports.create': 'noted an export',
  'exports.tables': 'exported records in clear',
  'access.setExportCapability': 'changed what may leave in clear',
  'identity:create': 'made a key',
  'identity.rename': 'changed the firm’s name',
  'surfaces.propose': 'proposed an agreement',
  'surfaces.agree': 'countersigned an agreement',
  'surfaces.decline': 'declined an agreement',
  'surfaces.suspend': 'suspended an agreement',
  'surfaces.resume': 'resumed an agreement',
  'surfaces.narrow': 'narrowed an agreement',
  'surfaces.renew': 'asked to renew an agreement',
  'surfaces.withdraw': 'withdrew from an agreement',
  'surfaces.expire': 'noted the end of an agreement',
  'surfaces.receive propose': 'took a proposal of another office',
  'surfaces.receive agree': 'took a countersignature',
  'surfaces.receive decline': 'took an answer that declines',
  'surfaces.receive suspend': 'took a suspension of another office',
  'surfaces.receive resume': 'took that another office resumes',
  'surfaces.receive narrow': 'took that another office shares less',
  'surfaces.receive renew': 'took the wish to renew an agreement',
  'surfaces.receive withdraw': 'took that another office withdrew',
  'surfaces.export': 'made a delivery under an agreement',
  'surfaces.receipt': 'took a receipt for a delivery',
  'surfaces.cadence': 'noted when an agreement was tried',
  merge: 'applied a delivery under an agreement',
  'conflicts.repairIndex': 'repaired the list of conflicts',
  // Written past the console, by a program that uses the vault itself.
  put: 'saved a record',
  putMany: 'saved records',
  delete: 'deleted a record',
  transaction: 'saved records',
  'demo.fill': 'filled in demo records',
}

/** Commands worth filtering by: those a person gives often. */
export const filterCommands: readonly string[] = Object.keys(words).filter((command) =>
  /^(clients|periods|imports|conflicts|bundles|settings|workspace)\./.test(command),
)

export function commandWords(command: string): string {
  return words[command] ?? command
}

/** What a person wrote; a reason the import made up for itself only repeats its id. */
export function writtenReason(reason: string | null): string {
  return reason === null || /^(import|undo):\w+$/.test(reason) ? '' : reason
}
