/** How values look in this window; the settings store writes it, the primitives read it. */
import type { Negatives } from '../../../src-shared/model/money.ts'

class Display {
  /** BCP 47 tag; empty = the system's. */
  locale = $state('')
  negatives = $state<Negatives>('minus')
  density = $state<'comfortable' | 'compact'>('comfortable')
  readonly rowHeight = $derived(this.density === 'compact' ? 26 : 32)
}

export const display = new Display()
