/** Makes the places that an article names open, and its relative links lead to other documents. */
import { nextTick, onBeforeUnmount, watch, type Ref } from 'vue'

import { linkedHeading, linkedPath, placeOf, type Place } from './sourcePlaces'

interface Targets {
  /** Path of the document, which relative links start from. */
  from: () => string
  openPlace: (place: Place) => void
  /** Follows a path of the repository, to a heading of its page. */
  follow: (path: string, heading: string) => void
  label: (text: string) => string
}

const CLASS = 'source-link'

export function useSourceLinks(article: Ref<HTMLElement | null>, text: Ref<string>, targets: Targets): void {
  function decorate(): void {
    for (const code of article.value?.querySelectorAll<HTMLElement>('.html code') ?? []) {
      const named = code.textContent ?? ''
      if (!placeOf(named) || code.closest('a')) continue
      code.classList.add(CLASS)
      code.tabIndex = 0
      code.setAttribute('role', 'button')
      code.setAttribute('aria-label', targets.label(named))
    }
  }

  function activate(event: Event): void {
    if (!(event.target instanceof Element)) return
    const code = event.target.closest<HTMLElement>(`.${CLASS}`)
    const place = code ? placeOf(code.textContent ?? '') : null
    if (place) {
      event.preventDefault()
      return targets.openPlace(place)
    }
    const href = event.target.closest('a')?.getAttribute('href')
    const path = href ? linkedPath(href, targets.from()) : null
    if (!path) return
    event.preventDefault()
    targets.follow(path, href ? linkedHeading(href) : '')
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' && event.target instanceof Element && event.target.classList.contains(CLASS)) activate(event)
  }

  watch(text, () => void nextTick(decorate), { immediate: true })
  watch(article, (element, _, onCleanup) => {
    if (!element) return
    decorate()
    element.addEventListener('click', activate)
    element.addEventListener('keydown', onKey)
    onCleanup(() => detach(element))
  })

  function detach(element: HTMLElement): void {
    element.removeEventListener('click', activate)
    element.removeEventListener('keydown', onKey)
  }
  onBeforeUnmount(() => article.value && detach(article.value))
}
