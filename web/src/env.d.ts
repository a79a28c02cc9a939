/// <reference types="vite/client" />
import 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Whether the page needs nobody to be signed in. */
    open?: boolean
  }
}
