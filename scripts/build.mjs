// `npm run build`: everything into out/.
import { build } from './lib/build.mjs'

try {
  await build()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
