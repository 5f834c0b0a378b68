/** Transforms are numbered without gaps, each for a collection that is there, each with an expression that can run. */
import { TemplateInvalidError } from './errors.ts'
import { checkExpression } from './expression.ts'
import type { TemplateFile } from './format.ts'
import { pointer } from './pointer.ts'

/** @throws TemplateInvalidError */
export function checkTransforms(file: TemplateFile): void {
  const seen = new Set<string>()
  file.transforms.forEach(({ to, collection, expression }, at) => {
    const fault = (member: string, reason: string): TemplateInvalidError =>
      new TemplateInvalidError(pointer('transforms', at, member), reason)
    const before = file.transforms[at - 1]?.to ?? to
    if (!Object.hasOwn(file.collections, collection))
      throw fault('collection', `no collection is called "${collection}"`)
    if (to > file.version) throw fault('to', `the template is only at version ${file.version}`)
    if (to < before) throw fault('to', 'transforms stand in the order of their versions')
    if (seen.has(`${to} ${collection}`))
      throw fault('to', `there is another transform of ${collection} to ${to}`)
    seen.add(`${to} ${collection}`)
    checkExpression(expression, pointer('transforms', at, 'expression'))
  })
  refuseGap(file)
}

/** Every version after the first says what became of the records, be it that one collection stays as it is (`$`). */
function refuseGap({ version, transforms }: TemplateFile): void {
  const given = new Set(transforms.map(({ to }) => to))
  for (let to = 2; to <= version; to += 1) {
    if (given.has(to)) continue
    const reason = `no transform leads to version ${to}; a version that changes no record states one with "$"`
    throw new TemplateInvalidError('/transforms', reason)
  }
}
