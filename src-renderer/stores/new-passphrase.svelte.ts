/** A passphrase that is being chosen: typed twice, so that a slip does not lock its owner out. */
export class NewPassphrase {
  value = $state('')
  repeated = $state('')
  /** Said as soon as it is certain, not while the second is still being typed. */
  readonly differs = $derived(
    this.repeated !== '' && this.repeated !== this.value && !this.value.startsWith(this.repeated),
  )
  readonly complete = $derived(this.value !== '' && this.repeated === this.value)
}
