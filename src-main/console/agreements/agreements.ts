/** Standing agreements with other offices, as the screens ask for them. */
import type { InputOf, OutputOf, AppContract } from '../../../src-shared/ipc/contract.ts'
import type { CallContext, HandlerInput } from '../../../src-shared/ipc/define.ts'
import type { FilesService } from '../files.ts'
import type { RuleBook } from '../rules.ts'
import type { Session } from '../session.ts'
import { decide, decisionOf, ownFile, propose, type ProposeRequest } from './acts.ts'
import type { CadenceWatch } from './cadence.ts'
import { applyDelivery, type ArrivedRequest, offerDelivery, offerReceipt, planApply } from './deliveries.ts'
import { deskOf, type JudgingDesk } from './desk.ts'
import { agreementDetail } from './detail.ts'
import { compareLogs, offerLog } from './logs.ts'
import { people } from './people.ts'
import { previewAgreement, previewDraft } from './preview.ts'
import { examine, take } from './received.ts'
import { agreementRows } from './rows.ts'

type In<Name extends keyof AppContract> = HandlerInput<AppContract[Name]>

export interface AgreementsService {
  list(): Promise<OutputOf<'agreements.list'>>
  get(id: string): Promise<OutputOf<'agreements.get'>>
  people(): Promise<OutputOf<'agreements.people'>>
  draft(request: In<'agreements.draft'>): Promise<OutputOf<'agreements.draft'>>
  preview(request: In<'agreements.preview'>, context: CallContext): Promise<OutputOf<'agreements.preview'>>
  propose(request: ProposeRequest): Promise<OutputOf<'agreements.propose'>>
  consequences(request: In<'agreements.consequences'>): Promise<OutputOf<'agreements.consequences'>>
  decide(request: In<'agreements.decide'>): Promise<OutputOf<'agreements.decide'>>
  file(request: In<'agreements.file'>): Promise<OutputOf<'agreements.file'>>
  examine(handle: string): Promise<OutputOf<'agreements.examine'>>
  take(request: In<'agreements.take'>): Promise<OutputOf<'agreements.take'>>
  export(request: In<'agreements.export'>, context: CallContext): Promise<OutputOf<'agreements.export'>>
  planApply(request: ArrivedRequest): Promise<OutputOf<'agreements.planApply'>>
  apply(request: In<'agreements.apply'>): Promise<OutputOf<'agreements.apply'>>
  receipt(request: In<'agreements.receipt'>): Promise<OutputOf<'agreements.receipt'>>
  log(id: string): Promise<OutputOf<'agreements.log'>>
  compare(request: InputOf<'agreements.compare'>): Promise<OutputOf<'agreements.compare'>>
}

export function createAgreements(
  session: Session,
  files: FilesService,
  { cadence, rules }: { readonly cadence: CadenceWatch; readonly rules: RuleBook },
): AgreementsService {
  const at = <T>(work: (desk: JudgingDesk) => Promise<T>): Promise<T> =>
    session.use(async (open) => work({ ...(await deskOf(open)), rules }))
  const bytesOf = async (handle: string): Promise<Uint8Array> => (await files.read(handle)).bytes
  return {
    list: () => at(async (desk) => agreementRows(desk, await cadence.status(desk))),
    get: (id) => at(async (desk) => agreementDetail(desk, id, await cadence.status(desk))),
    people: () => at(people),
    draft: ({ vaultId, slice }) => at((desk) => previewDraft(desk, vaultId, slice)),
    preview: (request, { signal }) => at((desk) => previewAgreement(desk, request, signal)),
    propose: (request) => at((desk) => propose(desk, files, request)),
    consequences: ({ id, decision }) =>
      at(async ({ surfaces }) => ({
        consequences: (await surfaces.consequences(id, decisionOf(decision))).map(({ text }) => text),
      })),
    decide: ({ id, decision, vaultId }) => at((desk) => decide(desk, files, id, decision, vaultId)),
    file: ({ id, number }) => at(async (desk) => ({ file: await ownFile(desk, files, id, number) })),
    examine: (handle) => at(async (desk) => examine(desk, await bytesOf(handle))),
    take: ({ handle, fingerprint, vaultId }) =>
      at(async (desk) => take(desk, await bytesOf(handle), { fingerprint, vaultId })),
    export: (request, context) => at((desk) => offerDelivery(desk, files, request, context)),
    planApply: (request) => at((desk) => planApply(desk, files, request)),
    apply: (request) => at((desk) => applyDelivery(desk, files, request)),
    receipt: ({ id, fullNeeded }) =>
      at(async (desk) => ({ file: await offerReceipt(desk, files, id, fullNeeded) })),
    log: (id) => at(async (desk) => ({ file: await offerLog(desk, files, id) })),
    compare: ({ id, handle }) => at(async (desk) => compareLogs(desk, id, await bytesOf(handle))),
  }
}
