/** Commands of the audit trail in words; one that is not known stands as it is. */
const words: Readonly<Record<string, string>> = {
  'clients.create': 'created the client',
  'clients.saveRecord': 'edited',
  'imports.apply': 'imported a bundle',
  'imports.undo': 'undid an import',
  'conflicts.decide': 'decided a conflict',
  'conflicts.decideMany': 'decided conflicts by rule',
  'conflicts.undo': 'undid decisions',
  'exports.create': 'exported a bundle',
  'workspace.create': 'created the workspace',
}

export function commandWords(command: string): string {
  return words[command] ?? command
}
