import type { Component } from 'svelte'
import Activity from '@lucide/svelte/icons/activity'
import Download from '@lucide/svelte/icons/download'
import GitCompareArrows from '@lucide/svelte/icons/git-compare-arrows'
import Handshake from '@lucide/svelte/icons/handshake'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Users from '@lucide/svelte/icons/users'

export interface Screen {
  readonly id: 'clients' | 'conflicts' | 'imports' | 'agreements' | 'activity' | 'settings'
  readonly label: string
  readonly keys: string
  readonly icon: Component<{ size?: number | string }>
}

/** Every screen there is, in the order of the sidebar. */
export const screens: readonly Screen[] = [
  { id: 'clients', label: 'Clients', keys: 'g c', icon: Users },
  { id: 'conflicts', label: 'Conflicts', keys: 'g x', icon: GitCompareArrows },
  { id: 'imports', label: 'Imports', keys: 'g i', icon: Download },
  { id: 'agreements', label: 'Agreements', keys: 'g e', icon: Handshake },
  { id: 'activity', label: 'Activity', keys: 'g a', icon: Activity },
  { id: 'settings', label: 'Settings', keys: 'g s', icon: SlidersHorizontal },
]
