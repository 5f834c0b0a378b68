/** Short news with at most one way back. A toast with an action stays long enough to be reached by keyboard. */
export interface ToastAction {
  readonly label: string
  readonly run: () => void
  readonly shortcut?: string
}

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'neutral' | 'danger'
  readonly action: ToastAction | undefined
}

const shortMs = 4000
const withActionMs = 10_000

class Toasts {
  items = $state.raw<readonly Toast[]>([])
  #next = 1

  show(text: string, options: { tone?: Toast['tone']; action?: ToastAction } = {}): number {
    const toast: Toast = { id: this.#next++, text, tone: options.tone ?? 'neutral', action: options.action }
    this.items = [...this.items.slice(-2), toast]
    setTimeout(() => this.dismiss(toast.id), toast.action || toast.tone === 'danger' ? withActionMs : shortMs)
    return toast.id
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id)
  }

  /** Runs the newest action, for a screen's undo key; true when there was one. */
  runAction(): boolean {
    const toast = this.items.findLast(({ action }) => action !== undefined)
    if (!toast) return false
    this.take(toast)
    return true
  }

  /** Runs the action of a toast, which is then done with. */
  take(toast: Toast): void {
    this.dismiss(toast.id)
    toast.action?.run()
  }
}

export const toasts = new Toasts()
