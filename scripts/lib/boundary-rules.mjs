// The import rules of the house as a table; docs/architecture.md draws the same picture.
// Each rule: `from` (files it holds for), `not` (exceptions), `forbid` (a test on where an import leads), `why`.
import { packages, packageOf } from './imports.mjs'
import { isTest } from './sources.mjs'

const under =
  (...folders) =>
  (path) =>
    folders.some((folder) => path?.startsWith(folder))
const ours = under('packages/', 'src-main/', 'src-renderer/', 'src-shared/', 'e2e/', 'bench/', 'scripts/')
const always = () => true

/** `target` is a file of ours or undefined, `specifier` the text of the import. */
export const rules = [
  {
    why: 'only src-main/electron may import electron',
    from: (file) => !under('src-main/electron/', 'e2e/')(file),
    forbid: ({ specifier }) => specifier === 'electron' || specifier.startsWith('electron/'),
  },
  {
    // Its tests know the types of the host they run on (src-main/testing), as a screen knows those of the contract:
    // the host itself is started by vitest's setup file and reached over a cable, never imported.
    why: 'the renderer imports no engine and no host',
    from: under('src-renderer/'),
    forbid: ({ file, target, typeOnly }) =>
      under('packages/', 'src-main/')(target) &&
      !(isTest(file) && typeOnly && target === 'src-main/testing/port.ts'),
  },
  {
    why: 'only tests know the test host',
    from: (file) => !isTest(file),
    forbid: ({ target }) => under('src-main/testing/')(target),
  },
  {
    why: 'the renderer takes only types from src-shared/ipc',
    from: (file) => under('src-renderer/')(file) && !isTest(file),
    forbid: ({ target, typeOnly }) => under('src-shared/ipc/')(target) && !typeOnly,
  },
  {
    why: 'the renderer has no Node',
    from: (file) => under('src-renderer/')(file) && !isTest(file),
    forbid: ({ specifier }) => specifier.startsWith('node:'),
  },
  {
    why: 'shared code imports nothing of ours, no Node and no Electron',
    from: (file) => under('src-shared/')(file) && !isTest(file),
    forbid: ({ target, specifier }) =>
      (ours(target) && !under('src-shared/')(target)) || specifier.startsWith('node:'),
  },
  {
    why: 'services and handlers know no host',
    from: under('src-main/console/', 'src-main/ipc/'),
    forbid: ({ target }) => under('src-main/electron/', 'src-main/serve/')(target),
  },
  {
    why: 'services do not call handlers',
    from: under('src-main/console/'),
    forbid: ({ target }) => under('src-main/ipc/')(target),
  },
  {
    why: 'one host does not import the other',
    from: under('src-main/electron/'),
    forbid: ({ target }) => under('src-main/serve/')(target),
  },
  {
    why: 'one host does not import the other',
    from: under('src-main/serve/'),
    forbid: ({ target }) => under('src-main/electron/')(target),
  },
  {
    why: 'packages import no application code',
    from: under('packages/'),
    forbid: ({ target }) => ours(target) && !under('packages/')(target),
  },
  {
    why: 'hub imports no other package of ours',
    from: under('packages/hub/'),
    forbid: ({ target }) => under('packages/to-sqlite/', 'packages/lobby/', 'packages/dock-sqlite/')(target),
  },
  {
    why: 'hub knows no SQL and no UI',
    from: under('packages/hub/'),
    forbid: ({ specifier }) => /^(better-sqlite3|node:sqlite|svelte|bits-ui)/.test(specifier),
  },
  {
    why: 'to-sqlite imports hub only',
    from: under('packages/to-sqlite/'),
    forbid: ({ target }) => under('packages/lobby/', 'packages/dock-sqlite/')(target),
  },
  {
    why: 'dock-sqlite takes only types, from lobby alone',
    from: (file) => under('packages/dock-sqlite/')(file) && !isTest(file),
    forbid: ({ file, target, typeOnly }) =>
      ours(target) &&
      packageOf(target) !== packageOf(file) &&
      !(under('packages/lobby/')(target) && typeOnly),
  },
  {
    why: 'lobby works over the store port, not over SQLite (its tests may)',
    from: (file) => under('packages/lobby/')(file) && !isTest(file),
    forbid: ({ target, specifier }) => under('packages/to-sqlite/')(target) || /sqlite/.test(specifier),
  },
  {
    why: 'components/ui imports nothing of ours but itself and the pure model',
    from: (file) => under('src-renderer/components/ui/')(file) && !isTest(file),
    forbid: ({ target }) =>
      ours(target) && !under('src-renderer/components/ui/', 'src-shared/model/')(target),
  },
  {
    why: 'components/<domain> imports ui, lib, stores and its own folder',
    from: (file) => domainOf(file) !== undefined && !isTest(file),
    forbid: ({ file, target }) =>
      under('src-renderer/')(target) &&
      !under('src-renderer/components/ui/', 'src-renderer/lib/', 'src-renderer/stores/')(target) &&
      domainOf(target) !== domainOf(file),
  },
  {
    why: 'lib and stores do not import components or views',
    from: (file) => under('src-renderer/lib/', 'src-renderer/stores/')(file) && !isTest(file),
    forbid: ({ target }) => under('src-renderer/components/', 'src-renderer/views/')(target),
  },
  {
    why: 'code does not import tests',
    from: (file) => !isTest(file),
    forbid: ({ target }) => target !== undefined && isTest(target),
  },
  {
    why: 'another package is imported by its name, not by a path',
    from: always,
    forbid: ({ file, target, specifier }) =>
      specifier.startsWith('.') &&
      packageOf(target ?? '') !== packageOf(file) &&
      packageOf(target ?? '') !== undefined,
  },
  {
    why: "only entry points named in a package's exports",
    from: always,
    forbid: ({ target, specifier }) =>
      Object.keys(packages).some((name) => specifier.startsWith(`${name}/`)) && !target,
  },
  {
    why: 'a package imports what its package.json declares',
    from: (file) => packageOf(file) !== undefined && !isTest(file),
    forbid: ({ file, specifier }) => isExternal(specifier) && !declares(packageOf(file), bareName(specifier)),
  },
]

function domainOf(file) {
  const domain = /^src-renderer\/components\/([^/]+)\//.exec(file ?? '')?.[1]
  return domain === 'ui' ? undefined : domain
}

const isExternal = (specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:')
const bareName = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const declares = (owner, name) => owner.name === name || owner.declared.includes(name)

/** Names that say nothing. */
export const bannedFileNames = /(^|\/)(utils?|helpers?)(\.svelte)?\.(ts|mjs|js)$/
