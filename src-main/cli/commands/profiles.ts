/** Mapping profiles: how the rows of one kind of file become records. */
import { deleteProfile, getProfile, saveProfile } from '@klum-db/lobby'
import { allProfiles, profileCalled } from '../../console/foreign/profiles.ts'
import type { Command } from '../command.ts'
import { readProfileFile } from '../profile-file.ts'
import { withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'

export const listProfilesCommand: Command = {
  usage: workspaceUsage,
  about: 'lists mapping profiles, those that come with the program included',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      args.noWords()
      const profiles = (await allProfiles(open)).map(
        ({ profile: { id, name, kind, collection }, isSaved }) => {
          return { id, name, kind, collection, saved: isSaved }
        },
      )
      return {
        lines: profiles.map(({ id, name, kind, collection, saved }) => {
          return `${id}  ${name}: ${kind} to ${collection}${saved ? '' : ', comes with the program'}`
        }),
        data: { profiles },
      }
    }),
}

export const showProfile: Command = {
  usage: `PROFILE ${workspaceUsage}`,
  about: 'one profile in full, as `profiles save` takes it',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      const profile = await profileCalled(open, args.onlyWord('The profile'))
      return { lines: [JSON.stringify(profile, null, 2)], data: profile }
    }),
}

export const saveProfileCommand: Command = {
  usage: `FILE ${workspaceUsage} [--force]`,
  about: 'keeps a profile from a JSON file; --force in place of one with the same id',
  options: { ...workspaceOptions, force: { type: 'boolean' } },
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      const input = await readProfileFile(args.onlyWord('The file'))
      const options = args.flag('force') ? {} : { expectedVersion: 0 }
      const { id, name } = await saveProfile(open.db, input, options)
      return { lines: [`kept as ${id}: ${name}`], data: { id, name } }
    }),
}

export const removeProfile: Command = {
  usage: `PROFILE ${workspaceUsage}`,
  about: 'forgets a saved profile; what was imported with it stays',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      const { id } = await profileCalled(open, args.onlyWord('The profile'))
      await getProfile(open.db, id)
      await deleteProfile(open.db, id)
      return { lines: [`forgotten: ${id}`], data: { id } }
    }),
}
