/** Fleet migrations that can be watched, stopped, taken up again and put back. */
export type { Campaigns, CampaignOptions, StartOptions } from './campaigns.ts'
export type { CollectionDifference, RecordDifference } from './differences.ts'
export type { Rehearsal, RehearsalOptions, RehearsalStore } from './rehearse.ts'
export type { Total, TotalField } from './totals.ts'
export type * from './types.ts'
