/** Agreements with other offices: what there is, what would leave, and whether both logs say the same. */
import type { AgreementDetail } from '../../../src-shared/ipc/agreement-views.ts'
import type { Command } from '../command.ts'
import { contextOf, withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'
import { namedFile, writeMade } from './agreement-files.ts'
import { freePath } from './export.ts'

export const listAgreements: Command = {
  usage: workspaceUsage,
  about: 'lists agreements with other offices',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (console) => {
      args.noWords()
      const rows = await console.agreements.list()
      return {
        lines: rows.map(
          ({ id, party, client, state, direction, cadence }) =>
            `${id}  ${party}, ${client?.name ?? 'no client'}: ${state}, ${direction}, ${cadence.status}`,
        ),
        data: { agreements: rows },
      }
    }),
}

export const showAgreement: Command = {
  usage: `ID ${workspaceUsage}`,
  about: 'shows one agreement: its parties, terms, signed files and exchanges',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (console) => {
      const detail = await console.agreements.get(args.onlyWord('The agreement'))
      return { lines: linesOf(detail), data: detail }
    }),
}

function linesOf({ party, state, version, terms, parties, acts, exchanges }: AgreementDetail): string[] {
  return [
    `${party}: ${state}, version ${version}, ${terms.direction}`,
    ...parties.map(
      (one) => `  ${one.party}  ${one.fingerprint ?? 'key not known'}  ${one.signedAt ?? 'not signed'}`,
    ),
    ...terms.collections.map(
      ({ name, fields }) =>
        `  ${name}: ${fields === null ? 'whole' : fields.map((field) => field.name).join(', ')}`,
    ),
    ...acts.map(({ at, side, kind, number }) => `  ${at}  ${side} ${kind} ${number}`),
    ...exchanges.map(
      ({ at, kind, sequence, records, hash }) =>
        `  ${at}  ${kind} ${sequence ?? ''}, ${records} records  ${hash.slice(0, 12)}`,
    ),
  ]
}

export const previewAgreement: Command = {
  usage: `ID ${workspaceUsage} [--full]`,
  about: 'tells what would leave now, and what stays',
  options: { ...workspaceOptions, full: { type: 'boolean' } },
  run: (args, signal) =>
    withWorkspace(args, async (console) => {
      const request = { id: args.onlyWord('The agreement'), full: args.flag('full') }
      const preview = await console.agreements.preview(request, contextOf(signal))
      return {
        lines: [
          `${preview.records} records, ${preview.fields} fields, ${preview.gone} removals; ${preview.withheld} fields stay`,
          ...(preview.blocked === null ? [] : [preview.blocked]),
          ...preview.collections.map(
            ({ name, records, present, gone }) => `  ${name}: ${records} of ${present}, ${gone} gone`,
          ),
        ],
        data: preview,
        holds: preview.blocked === null,
      }
    }),
}

export const agreementLog: Command = {
  usage: `ID --out FILE ${workspaceUsage} [--force]`,
  about: 'writes the exchange log of one agreement',
  options: { ...workspaceOptions, out: { type: 'string', short: 'o' }, force: { type: 'boolean' } },
  run: (args) =>
    withWorkspace(args, async (console) => {
      const out = freePath(args, 'out')
      const { file } = await console.agreements.log(args.onlyWord('The agreement'))
      await writeMade(console, file, out)
      return { lines: [`written: ${out}`], data: { file: out } }
    }),
}

export const compareAgreement: Command = {
  usage: `ID --with LOG ${workspaceUsage}`,
  about: 'compares our exchange log with the log file of the other office',
  options: { ...workspaceOptions, with: { type: 'string' } },
  run: (args) =>
    withWorkspace(args, async (console) => {
      const id = args.onlyWord('The agreement')
      const found = await console.agreements.compare({
        id,
        handle: await namedFile(console, args.need('with')),
      })
      return {
        lines: [
          found.first?.text ?? `the same; ${found.agreed} deliveries alike, ${found.underway} on the way`,
        ],
        data: found,
        holds: found.first === null,
      }
    }),
}
